/**
 * Runs a stand-in plugin: `tsx run-plugin.ts <name> [address of the engine]`. It loads
 * `./<name>/provider` and serves what its function `createProvider` makes.
 */
import { createRequire } from "node:module";

import { main, type Provider } from "@pulumi/pulumi/provider";

import { exitWithEngine } from "../../components/dynamic/exit-with-engine";
import { CloudProvider } from "./cloud/provider";
import { serve } from "./cloud/server";

/** What `./<name>/provider` exports. */
interface ProviderModule {
    readonly createProvider: () => Provider | CloudProvider;
}

/** Loads plugins: their names are known only when they run. */
const load = createRequire(__filename);

async function run([name = "", ...args]: readonly string[]): Promise<void> {
    exitWithEngine();
    const { createProvider } = load(`./${name}/provider`) as ProviderModule;
    const provider = createProvider();
    if (provider instanceof CloudProvider) {
        await serve(provider);
    } else {
        await main(provider, [...args]);
    }
}

void run(process.argv.slice(2));
