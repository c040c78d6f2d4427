import * as pulumi from "@pulumi/pulumi";

import { choose } from "../../../../components/drivers/cloud/catalogue";
import { valueOf } from "../../../support/mocks";

const TYPES = [
    { type: "big", cores: 8, memoryGb: 32, isArm: false },
    { type: "tiny", cores: 1, memoryGb: 0.5, isArm: false },
    { type: "small", cores: 1, memoryGb: 1, isArm: false },
    { type: "arm", cores: 1, memoryGb: 1, isArm: true },
    { type: "medium", cores: 2, memoryGb: 1, isArm: false },
];
const IMAGES = [{ id: "new" }, { id: "old" }];

/** Asks for an instance type where a cloud offers these. */
const chosen = (instanceType: string, types: typeof TYPES) =>
    choose(Promise.resolve({ images: IMAGES, types }), {
        wanted: { name: "sha", zone: "cn-x-a", image: "^ubuntu_99", instanceType },
        ...{ cloud: "Alibaba Cloud", credentials: "place.credentials" },
    });

// When no image matches, the program ends: tests/engine/clouds.test.ts has that.
describe("choose()", () => {
    /** What is warned of; the type stays what it is. */
    const warned = async (instanceType: string, types = TYPES): Promise<unknown[]> => {
        const warn = jest.spyOn(pulumi.log, "warn").mockResolvedValue(undefined);
        const found = await valueOf(chosen(instanceType, types));
        expect(found).toEqual({ imageId: "new", instanceType });
        const texts = warn.mock.calls.map(([text]) => text);
        warn.mockRestore();
        return texts;
    };

    it("takes the first image, and is silent about a type that is offered", async () => {
        expect(await warned("small")).toEqual([]);
    });

    it("names the smallest that can run a relay when the type is not offered", async () => {
        expect(await warned("gone")).toEqual([
            "place.instanceType of region sha must be offered in zone cn-x-a to make a machine there: gone is not; " +
                "the smallest that it offers: small, medium, big",
        ]);
    });

    it("sends to another zone when nothing is offered", async () => {
        expect(await warned("gone", [])).toEqual([
            "place.instanceType of region sha must be offered in zone cn-x-a to make a machine there: gone is not; " +
                "the zone offers nothing at all now, so choose another place.zone",
        ]);
    });
});
