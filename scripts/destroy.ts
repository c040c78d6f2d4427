import { existsSync } from "node:fs";

import { Command } from "commander";

import { machineNames, stackOf } from "../components/drivers/local/names";
import { removeMachine } from "../components/drivers/local/machine";
import { assertLocalUser } from "../components/drivers/local/host-check";
import { removeUnusedNetworks } from "../components/drivers/local/network";
import { listMachines } from "../components/drivers/local/root-file-system";
import { exitWithReason } from "./exit-with-reason";
import { follow } from "./local-stack/follow";
import {
    DEFAULT_STACK,
    forgetConfig,
    isLocalStack,
    removeDeadLock,
    removeUnusedState,
    stackFile,
} from "./local-stack/state";
import { openStack } from "./stack";

interface DestroyOptions {
    readonly stack: string;
    readonly keepConfig: boolean;
}

const program = new Command("destroy")
    .description(
        "Removes what npm start made: machines, networks, the stack and its configuration.",
    )
    .option("--stack <name>", "name of the stack", DEFAULT_STACK)
    .option(
        "--keep-config",
        "keep Pulumi.<stack>.yaml and its passphrase: the next start has the same certificate",
        false,
    )
    .addHelpText(
        "after",
        "\nCaches stay; they speed up the next start. Delete them when no machine exists.",
    )
    .action(destroy);

program.parseAsync().catch(exitWithReason);

async function destroy({ stack: name, keepConfig }: DestroyOptions): Promise<void> {
    assertLocalUser();
    if (!isLocalStack(name) && existsSync(stackFile(name)) && name !== DEFAULT_STACK) {
        throw new Error(
            `stack ${name} was not made by npm start: it is left as it is. ` +
                `To destroy it: pulumi destroy --stack ${name}`,
        );
    }
    const found = isLocalStack(name);
    if (found) {
        await destroyStack(name, keepConfig);
    }
    const swept = await sweep(name);
    if (!keepConfig) {
        await removeUnusedState();
    }
    const nothing = `there is no stack ${name} of npm start: nothing to remove`;
    process.stdout.write(
        `${found || swept ? `stack ${name} is gone; caches are kept` : nothing}\n`,
    );
}

async function destroyStack(name: string, keepConfig: boolean): Promise<void> {
    await removeDeadLock(name);
    const stack = await openStack(name);
    await stack.destroy({ onEvent: follow });
    if (!keepConfig) {
        await stack.workspace.removeStack(name, { preserveConfig: true });
        if (!(await forgetConfig(name))) {
            process.stdout.write(`Pulumi.${name}.yaml was not written by npm start: it is kept\n`);
        }
    }
}

/** Removes machines of which the state knows nothing, because an `up` was killed. */
async function sweep(stack: string): Promise<boolean> {
    const machines = (await listMachines()).filter((folder) => stackOf(folder) === stack);
    for (const machine of machines) {
        process.stdout.write(`removing machine ${machine}, left by a run that was killed\n`);
        await removeMachine(machineNames(machine));
    }
    await removeUnusedNetworks();
    return machines.length > 0;
}
