import { parseRegionId } from "../../../components/derp-map/region-id";

describe("parseRegionId()", () => {
    it.each([900, 999])("accepts %d, an end of the reserved range", (id) => {
        expect(parseRegionId(id)).toBe(id);
    });

    it.each([899, 1000, 900.5, Number.NaN])("refuses %d and says which IDs are free", (id) => {
        expect(() => parseRegionId(id)).toThrow(
            new RangeError(
                "regionId must be an integer from 900 to 999, " +
                    `the range Tailscale leaves to self-hosted relays: got ${String(id)}`,
            ),
        );
    });
});
