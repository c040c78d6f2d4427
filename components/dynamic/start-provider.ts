import { setTimeout } from "node:timers/promises";

import * as pulumi from "@pulumi/pulumi";

/** Until a question is on its way to the engine, in milliseconds. */
const SENDING = 20;

/**
 * Has the engine start the plugin of dynamic resources in a preview: a Node process that takes a second. The engine starts
 * each plugin when it is first asked for something, one after the other, and a region asks this one last, when there is
 * nothing left to be done meanwhile. Not in an `up`, where that may be minutes later: a plugin that has not been asked
 * for anything stays for ever when its engine is killed, see `exitWithEngine`.
 *
 * @returns When the engine has been asked; not when the plugin runs.
 */
export async function startProvider(): Promise<void> {
    if (!pulumi.runtime.isDryRun()) {
        return;
    }
    // It has no functions, and says so.
    pulumi.runtime.invoke("pulumi-nodejs:index:start", {}).catch(() => undefined);
    await setTimeout(SENDING);
}
