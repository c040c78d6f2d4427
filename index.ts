import * as pulumi from "@pulumi/pulumi";

import { loadRegions } from "./components/config/load";
import { mergeEntries } from "./components/derp-map/merge";
import { DerpRegion } from "./components/derp-region";

// The SDK takes a stack trace with each of its promises, and has each mapped to sources in its own slow way: a quarter
// of what a preview of 50 regions took. Node maps those that are shown.
Reflect.deleteProperty(Error, "prepareStackTrace");

const regions = loadRegions().map(({ name, ...args }) => new DerpRegion(name, args));

/** The stack's part of the tailnet's derpMap; there only when every relay has answered. */
export const derpMap = pulumi.all(regions.map(({ entry }) => entry)).apply(mergeEntries);
