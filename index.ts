import * as pulumi from "@pulumi/pulumi";

import { loadRegions } from "./components/config/load";
import { startProvider } from "./components/dynamic/start-provider";
import type * as relays from "./components/relays";

// The SDK takes a stack trace with each of its promises, and has each mapped to sources in its own slow way: a quarter
// of what a preview of 50 regions took. Node maps those that are shown.
Reflect.deleteProperty(Error, "prepareStackTrace");

const regions = loadRegions();

/** The stack's part of the tailnet's derpMap; there only when every relay has answered. */
export const derpMap = pulumi.output(
    startProvider().then(() => {
        // Only now, because loading it keeps this process busy for as long as the plugin needs to start.
        // eslint-disable-next-line @typescript-eslint/no-require-imports -- import() knows no TypeScript here
        const { declareRelays } = require("./components/relays") as typeof relays;
        return declareRelays(regions);
    }),
);
