import { parseRegionId, type RegionId } from "../derp-map/region-id";
import { STANDARD_BANDWIDTH } from "../drivers/cloud/settings";
import { localAddress } from "./local-address";
import type { RegionConfig } from "./schema";

type PlaceConfig = RegionConfig["place"];

/** A region with every default filled in, also those that follow from other values. */
export interface RegionSettings extends Omit<
    RegionConfig,
    "regionId" | "regionCode" | "regionName" | "place" | "certificate"
> {
    /** From 900 to 999. */
    readonly regionId: RegionId;
    /** Short code. */
    readonly regionCode: string;
    /** Name that people read. */
    readonly regionName: string;
    /** Where the relay runs. */
    readonly place:
        | Exclude<PlaceConfig, { driver: "local" }>
        | { readonly driver: "local"; readonly address: string };
    /** How the relay proves who it is. */
    readonly certificate: NonNullable<RegionConfig["certificate"]>;
}

/**
 * Fills in the defaults that follow from other values.
 *
 * @param region A region that broke no rule.
 * @returns Its settings.
 */
export function settle(region: RegionConfig): RegionSettings {
    const { place } = region;
    return {
        ...region,
        regionId: parseRegionId(region.regionId),
        regionCode: region.regionCode ?? region.name,
        regionName: region.regionName ?? region.name,
        place:
            place.driver === "local"
                ? { driver: place.driver, address: localAddress(region.regionId, place.address) }
                : place,
        certificate: region.certificate ?? { mode: "pinned", generation: 1 },
        bandwidthMbps: region.bandwidthMbps ?? CLOUD_BANDWIDTH[place.driver],
    };
}

/** In the clouds, what is also the limit of the address. */
const CLOUD_BANDWIDTH: Readonly<Partial<Record<PlaceConfig["driver"], number>>> = {
    alicloud: STANDARD_BANDWIDTH,
    tencentcloud: STANDARD_BANDWIDTH,
};
