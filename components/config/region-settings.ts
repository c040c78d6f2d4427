import { parseRegionId, type RegionId } from "../derp-map/region-id";
import { localAddress } from "./rules";
import type { RegionConfig } from "./schema";

/** A region with every default filled in, also those that follow from other values. */
export interface RegionSettings extends Omit<
    RegionConfig,
    "regionId" | "regionCode" | "regionName" | "place"
> {
    /** From 900 to 999. */
    readonly regionId: RegionId;
    /** Short code. */
    readonly regionCode: string;
    /** Name that people read. */
    readonly regionName: string;
    /** Where the relay runs. */
    readonly place: { readonly driver: "local"; readonly address: string };
}

/**
 * Fills in the defaults that follow from other values.
 *
 * @param region A region that broke no rule.
 * @returns Its settings.
 */
export function settle(region: RegionConfig): RegionSettings {
    return {
        ...region,
        regionId: parseRegionId(region.regionId),
        regionCode: region.regionCode ?? region.name,
        regionName: region.regionName ?? region.name,
        place: { driver: region.place.driver, address: localAddress(region) },
    };
}
