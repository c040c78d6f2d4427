import { existsSync, readFileSync } from "node:fs";

import { parseRegionId } from "../../../components/derp-map/region-id";
import type { ProbeResult } from "../../../components/probe/probe";
import type { Check } from "../../../scripts/doctor/check";
import { CHECKS } from "../../../scripts/doctor/checks/index";
import { formatReport } from "../../../scripts/doctor/format-report";
import { runDoctor, targetsOf } from "../../../scripts/doctor/run-doctor";

const RegionID = parseRegionId(901);
const node = { Name: "901a", RegionID, HostName: "192.0.2.1", IPv4: "192.0.2.1" };
const targets = targetsOf({
    Regions: { "901": { RegionID, RegionCode: "hgh", RegionName: "Hangzhou", Nodes: [node] } },
});
const check = (name: string, result: ProbeResult, needs: string[] = []): Check => ({
    name,
    needs,
    advice: `mend ${name}`,
    run: () => Promise.resolve(result),
});
const good = { ok: true, detail: "fine" } as const;
const bad = { ok: false, reason: "broken" } as const;

describe("runDoctor()", () => {
    it("hides the consequences of a cause, also indirect ones", async () => {
        const checks = [
            check("a", bad),
            check("b", good, ["a"]),
            check("c", good, ["b"]),
            check("d", good),
        ];
        const report = await runDoctor(targets, { checks });
        expect(report.ok).toBe(false);
        expect(formatReport(report, false)).toBe(
            [
                "region 901 (hgh), relay 192.0.2.1",
                "  bad   a                broken",
                "        what to do: mend a",
                "        see docs/doctor.md#a",
                "  good  d                fine",
                "  ....  2 more checks need what is bad above",
                "",
                "1 relay: 1 bad",
            ].join("\n"),
        );
    });

    it("warns without being bad", async () => {
        const report = await runDoctor(targets, {
            checks: [check("a", { ...good, warning: true })],
        });
        expect(report.ok).toBe(true);
        expect(formatReport(report, false)).toContain("  warn  a                fine");
    });
});

describe("runDoctor() on a computer that cannot look", () => {
    it("says so in a line, without being bad", async () => {
        const unable = check("a", { ok: true, skipped: true, detail: "no IPv6 here" });
        const report = await runDoctor(targets, { checks: [unable] });
        expect(report.relays[0]?.outcomes).toEqual([
            { check: "a", status: "skipped", detail: "no IPv6 here" },
        ]);
        expect(formatReport(report, false)).toBe(
            [
                "region 901 (hgh), relay 192.0.2.1",
                "  skip  a                no IPv6 here",
                "",
                "1 relay: all good",
            ].join("\n"),
        );
    });
});

describe("CHECKS", () => {
    it.each([
        [undefined, []],
        ["none", []],
        ["2001:db8::7", ["derp-over-ipv6", "stun-over-ipv6"]],
    ])("has those of IPv6 for a relay whose IPv6 address is %s", (IPv6, expected) => {
        const asked = CHECKS.filter(({ applies }) => applies?.({ ...node, ...(IPv6 && { IPv6 }) }));
        expect(asked.map(({ name }) => name)).toEqual(expected);
    });

    it("has each check after those that it needs", () => {
        const seen: string[] = [];
        for (const { name, needs } of CHECKS) {
            expect(seen).toEqual(expect.arrayContaining([...needs]));
            seen.push(name);
        }
    });

    it.each(["docs/doctor.md", "docs/zh/doctor.md"])(
        "has a section for each check in %s",
        (file) => {
            const text = existsSync(file) ? readFileSync(file, "utf8") : "";
            const sections = [...text.matchAll(/^## (\S+)$/gm)].map(([, name]) => name);
            expect(sections).toEqual(CHECKS.map(({ name }) => name));
        },
    );
});
