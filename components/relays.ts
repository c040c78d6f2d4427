import * as pulumi from "@pulumi/pulumi";

import type { RegionSettings } from "./config/region-settings";
import { mergeEntries } from "./derp-map/merge";
import type { DerpMap } from "./derp-map/types";
import { DerpRegion } from "./derp-region";

/**
 * Declares the relays of a stack.
 *
 * @param regions The stack's configuration.
 * @returns Their derpMap; there only when every relay has answered.
 */
export function declareRelays(regions: readonly RegionSettings[]): pulumi.Output<DerpMap> {
    const relays = regions.map(({ name, ...args }) => new DerpRegion(name, args));
    return pulumi.all(relays.map(({ entry }) => entry)).apply(mergeEntries);
}
