import { PROJECT_FOLDER } from "../../scripts/project";
import { makeCertificate } from "../support/certificates";
import { hostTraces } from "./support/host-traces";
import { LocalStack } from "./support/local-stack";

jest.setTimeout(40 * 60_000);

describe("a stack of several regions", () => {
    let stack: LocalStack;

    afterAll(async () => {
        await (stack as LocalStack | undefined)?.end();
    });

    /** Adds a region as its documentation says. */
    const add = async (index: number) => {
        const address = `10.96.0.${String(100 + index)}`;
        const pair = makeCertificate({ name: `IP:${address}` });
        const keys: Readonly<Record<string, string>> = {
            name: `more${String(index)}`,
            regionId: String(910 + index),
            "place.driver": "local",
            "place.address": address,
            "certificate.mode": "provided",
            "certificate.certificate": pair.certificate,
            "certificate.privateKey": pair.privateKey,
            "verify.mode": "none",
        };
        for (const [key, value] of Object.entries(keys)) {
            const path = `derp:regions[${String(index)}].${key}`;
            const secret = key === "certificate.privateKey" ? ["--secret"] : [];
            const args = ["config", "set", "--stack", stack.name, ...secret, "--path", path];
            await stack.npm("pulumi", args, { input: value });
        }
    };

    it("makes and removes machines of one network at the same time", async () => {
        const before = await hostTraces("e2e-regions", PROJECT_FOLDER);
        stack = new LocalStack("e2e-regions", "10.96.0.100");
        await stack.start();
        await add(1);
        await add(2);
        expect(await stack.start()).toContain("3 relays: all good");
        expect(Object.keys((await stack.derpMap()).Regions)).toEqual(["900", "911", "912"]);
        expect(await stack.start()).toContain("resources: 10 unchanged");
        expect(await stack.destroy()).toContain("stack e2e-regions is gone");
        expect(await hostTraces("e2e-regions", PROJECT_FOLDER)).toEqual(before);
    });
});
