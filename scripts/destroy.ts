import { readdir } from "node:fs/promises";

import { Command } from "commander";

import { MACHINES_FOLDER, machineNames, stackOf } from "../components/drivers/local/names";
import { removeMachine } from "../components/drivers/local/machine";
import { assertLocalUser } from "../components/drivers/local/host-check";
import { removeUnusedNetworks } from "../components/drivers/local/network";
import { exitWithReason } from "./exit-with-reason";
import { follow } from "./local-stack/follow";
import { forgetStack, isLocalStack, removeDeadLock } from "./local-stack/state";
import { openStack } from "./stack";

interface DestroyOptions {
    readonly stack: string;
    readonly keepConfig: boolean;
}

const program = new Command("destroy")
    .description(
        "Removes what npm start made: machines, networks, the stack and its configuration.",
    )
    .option("--stack <name>", "name of the stack", "local")
    .option(
        "--keep-config",
        "keep Pulumi.<stack>.yaml and its passphrase: the next start has the same certificate",
        false,
    )
    .addHelpText(
        "after",
        "\nCaches stay; they speed up the next start and can be deleted at any time.",
    )
    .action(destroy);

program.parseAsync().catch(exitWithReason);

async function destroy({ stack: name, keepConfig }: DestroyOptions): Promise<void> {
    assertLocalUser();
    if (isLocalStack(name)) {
        await destroyStack(name, keepConfig);
    } else {
        process.stdout.write(`no stack ${name} of npm start: looking for leftovers only\n`);
    }
    await sweep(name);
    if (!keepConfig) {
        await forgetStack(name);
    }
    process.stdout.write(`stack ${name} is gone; caches are kept\n`);
}

async function destroyStack(name: string, keepConfig: boolean): Promise<void> {
    await removeDeadLock(name);
    const stack = await openStack(name);
    await stack.destroy({ onEvent: follow });
    if (!keepConfig) {
        await stack.workspace.removeStack(name);
    }
}

/** Removes machines of which the state knows nothing, because an `up` was killed. */
async function sweep(stack: string): Promise<void> {
    const machines = await readdir(MACHINES_FOLDER).catch(() => []);
    for (const machine of machines.filter((folder) => stackOf(folder) === stack)) {
        process.stdout.write(`removing machine ${machine}, left by a run that was killed\n`);
        await removeMachine(machineNames(machine));
    }
    await removeUnusedNetworks();
}
