import * as fc from "fast-check";

import { mergeEntries } from "../../../components/derp-map/merge";
import { parseRegionId } from "../../../components/derp-map/region-id";

const entry = (id: number, code = `r${String(id)}`) => ({
    RegionID: parseRegionId(id),
    RegionCode: code,
    RegionName: code,
    Nodes: [],
});

describe("mergeEntries()", () => {
    it("keeps every region under its ID, in order", () => {
        const ids = fc.uniqueArray(fc.integer({ min: 900, max: 999 }));
        fc.assert(
            fc.property(ids, (list) => {
                const { Regions } = mergeEntries(list.map((id) => entry(id)));
                const sorted = [...list].sort((a, b) => a - b);
                expect(Object.keys(Regions)).toEqual(sorted.map(String));
                expect(Object.values(Regions)).toEqual(sorted.map((id) => entry(id)));
            }),
        );
    });

    it("fault 01: refuses two regions with one ID", () => {
        expect(() => mergeEntries([entry(901, "a"), entry(901, "b")])).toThrow(
            new Error("region IDs must be unique: 901 is used by a and b"),
        );
    });
});
