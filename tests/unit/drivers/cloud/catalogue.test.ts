import * as pulumi from "@pulumi/pulumi";

import { firstImage, warnUnlessOffered } from "../../../../components/drivers/cloud/catalogue";

describe("firstImage()", () => {
    it("takes the first", () => {
        expect(firstImage([{ id: "new" }, { id: "old" }], { name: "sha", image: "x" })).toBe("new");
    });

    it("says what was looked for when nothing matches", () => {
        expect(() => firstImage([], { name: "sha", image: "^ubuntu_99" })).toThrow(
            "place.image of region sha must match the name of a public image of the cloud: nothing matches ^ubuntu_99. " +
                "Fix: a name from the console's public images, or leave the key out, then the default is taken. " +
                "It is for new machines: one that exists keeps its own",
        );
    });
});

describe("warnUnlessOffered()", () => {
    const types = [
        { type: "big", cores: 8, memoryGb: 32 },
        { type: "tiny", cores: 1, memoryGb: 0.5 },
        { type: "small", cores: 1, memoryGb: 1 },
        { type: "medium", cores: 2, memoryGb: 1 },
    ];
    const warned = (instanceType: string, offered = types): unknown[] => {
        const warn = jest.spyOn(pulumi.log, "warn").mockResolvedValue(undefined);
        expect(warnUnlessOffered(offered, { name: "sha", instanceType, zone: "cn-x-a" })).toBe(
            instanceType,
        );
        const texts = warn.mock.calls.map(([text]) => text);
        warn.mockRestore();
        return texts;
    };

    it("is silent about a type that is offered", () => {
        expect(warned("small")).toEqual([]);
    });

    it("names the smallest that can run a relay when the type is not offered", () => {
        expect(warned("gone")).toEqual([
            "place.instanceType of region sha must be offered in zone cn-x-a to make a machine there: gone is not; " +
                "the smallest that it offers: small, medium, big",
        ]);
    });

    it("sends to another zone when nothing is offered", () => {
        expect(warned("gone", [])).toEqual([
            "place.instanceType of region sha must be offered in zone cn-x-a to make a machine there: gone is not; " +
                "the zone offers nothing at all now, so choose another place.zone",
        ]);
    });
});
