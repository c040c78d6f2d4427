import type { EngineEvent } from "@pulumi/pulumi/automation";

import { linesOf } from "../../../scripts/local-stack/follow";

const URN =
    "urn:pulumi:local::derp::derp:index:DerpRegion$pulumi-nodejs:dynamic/derp:LocalMachine::hgh";
const event = (fields: object) => ({ sequence: 1, timestamp: 1, ...fields }) as EngineEvent;
const metadata = (op: string, extra: object = {}) => ({
    metadata: { op, urn: URN, type: "pulumi-nodejs:dynamic/derp:LocalMachine", ...extra },
});

describe("linesOf()", () => {
    it("says what is done to which resource", () => {
        expect(linesOf(event({ resourcePreEvent: metadata("create") }))).toEqual([
            "creating LocalMachine hgh",
        ]);
        expect(linesOf(event({ resOutputsEvent: metadata("delete") }))).toEqual([
            "deleted LocalMachine hgh",
        ]);
        expect(linesOf(event({ resOpFailedEvent: metadata("update") }))).toEqual([
            "failed LocalMachine hgh",
        ]);
    });

    it("names what changed, where the engine knows it", () => {
        const pre = metadata("update", { detailedDiff: { digest: {} } });
        expect(linesOf(event({ resourcePreEvent: pre }))).toEqual([
            "changing LocalMachine hgh (digest)",
        ]);
    });

    it("is silent about what stays, and about what is made of other resources", () => {
        expect(linesOf(event({ resourcePreEvent: metadata("same") }))).toEqual([]);
        const region = metadata("create", { type: "derp:index:DerpRegion" });
        expect(linesOf(event({ resourcePreEvent: region }))).toEqual([]);
    });

    it("shows what resources say without the engine's colours, and errors as such", () => {
        const say = (severity: string, message: string) =>
            linesOf(event({ diagnosticEvent: { severity, message, color: "never" } }));
        expect(say("info", "<{%reset%}>building<{%reset%}>\n")).toEqual(["  building"]);
        expect(say("error", "no\nfix: do\n")).toEqual(["error: no", "    fix: do"]);
        expect(say("error", "update failed")).toEqual([]);
    });

    it("sums up", () => {
        const summary = (resourceChanges: object) =>
            linesOf(event({ summaryEvent: { resourceChanges } }));
        expect(summary({ create: 2, same: 1 })).toEqual(["resources: 2 created, 1 unchanged"]);
        expect(summary({})).toEqual(["nothing to do"]);
    });
});
