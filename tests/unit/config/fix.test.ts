import { parseRegions } from "../../../components/config/parse";
import { messageOf, rawRegion, source } from "../../support/region";

const SOURCE = source({ stack: "prod" });
const SET = "pulumi config set --stack prod --path";
const RM = "pulumi config rm --stack prod --path";

const parse = (...regions: unknown[]) => parseRegions(regions, SOURCE);

/** What people paste into their shells. */
describe("the command that fixes a problem", () => {
    it("takes the quotes off a number, which Pulumi would keep", () => {
        expect(messageOf(() => parse(rawRegion({ regionId: "905", noMeasureNoHome: "yes" })))).toBe(
            [
                "2 problems in the configuration of stack prod",
                '  regions[0].regionId must be an integer from 900 to 999, the range Tailscale leaves to self-hosted relays: got "905"',
                `    fix: ${RM} 'derp:regions[0].regionId' && ${SET} 'derp:regions[0].regionId' 901`,
                '  regions[0].noMeasureNoHome must be true or false: got "yes"',
                `    fix: ${RM} 'derp:regions[0].noMeasureNoHome' && ${SET} 'derp:regions[0].noMeasureNoHome' true`,
            ].join("\n"),
        );
    });

    it.each([
        ["bandwithMbps", 5, "bandwidthMbps", " && SET 'derp:regions[0].bandwidthMbps' 5"],
        [
            "derperversion",
            "v1.102.5",
            "derperVersion",
            " && SET 'derp:regions[0].derperVersion' v1.102.5",
        ],
    ])("knows what %s was meant to be, and keeps its value", (key, value, meant, more) => {
        expect(messageOf(() => parse(rawRegion({ [key]: value })))).toContain(
            `regions[0].${key} must be left out: no such key. Did you mean ${meant}?\n` +
                `    fix: ${RM} 'derp:regions[0].${key}'${more.replace("SET", SET)}`,
        );
    });

    it.each([
        ["home_", "a b", "home"],
        ["bandwithMbps", 2.5, "bandwidthMbps"],
        ["certificates", { mode: "pinned" }, "certificate"],
    ])("has %s renamed where a command would lose its value", (key, value, meant) => {
        expect(
            messageOf(() => parse(rawRegion({ certificate: undefined, [key]: value }))),
        ).toContain(
            `regions[0].${key} must be left out: no such key. Did you mean ${meant}?\n` +
                `    fix: rename it to ${meant} in Pulumi.prod.yaml`,
        );
    });

    it("hands over what looks like an option", () => {
        const ports = { derp: 80 };
        expect(messageOf(() => parse(rawRegion({ ports })))).toContain(
            `    fix: ${SET} 'derp:regions[0].ports.http' -- -1`,
        );
    });

    it("addresses a key with a dot in its name", () => {
        expect(messageOf(() => parse(rawRegion({ "place.zone": "cn-shanghai-b" })))).toContain(
            `    fix: ${RM} 'derp:regions[0]["place.zone"]'`,
        );
    });

    it("does not take a key for one that is there already", () => {
        // Nor a short one for any other that is short.
        for (const key of ["regionIds", "os"]) {
            expect(messageOf(() => parse(rawRegion({ [key]: 902 })))).toContain(
                `regions[0].${key} must be left out: no such key, see docs/configuration.md`,
            );
        }
    });

    it("says what an element of a list must be", () => {
        expect(messageOf(() => parse(rawRegion({ goProxies: ["goproxy.cn"] })))).toContain(
            'regions[0].goProxies[0] must be an http or https URL without user, query or fragment: got "goproxy.cn"\n' +
                `    fix: ${SET} 'derp:regions[0].goProxies[0]' https://goproxy.cn`,
        );
        expect(messageOf(() => parse(rawRegion({ goProxies: "https://goproxy.cn" })))).toContain(
            `    fix: ${RM} 'derp:regions[0].goProxies' && ${SET} 'derp:regions[0].goProxies[0]' https://goproxy.cn`,
        );
    });

    it("names keys of the project that it has no use for", () => {
        const otherKeys = ["derp:regions[0].regionId", "derp:region"];
        expect(
            messageOf(() => parseRegions([rawRegion()], { ...SOURCE, otherKeys })).split("\n"),
        ).toEqual([
            "2 problems in the configuration of stack prod",
            "  derp:regions[0].regionId must be left out: no such key, only derp:regions: with a path, pulumi config set wants --path",
            "    fix: pulumi config rm --stack prod 'derp:regions[0].regionId'",
            "  derp:region must be left out: no such key, only derp:regions",
            "    fix: pulumi config rm --stack prod 'derp:region'",
        ]);
    });
});
