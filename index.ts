import * as pulumi from "@pulumi/pulumi";

import { loadRegions } from "./components/config/load";
import { mergeEntries } from "./components/derp-map/merge";
import { DerpRegion } from "./components/derp-region";

const regions = loadRegions().map(({ name, ...args }) => new DerpRegion(name, args));

/** The stack's part of the tailnet's derpMap; there only when every relay has answered. */
export const derpMap = pulumi.all(regions.map(({ entry }) => entry)).apply(mergeEntries);
