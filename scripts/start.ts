import { Command } from "commander";
import { LocalWorkspace, type Stack } from "@pulumi/pulumi/automation";

import type { DerpMap } from "../components/derp-map/types";
import { assertLocalUser, LOCAL_COMMANDS } from "../components/drivers/local/host-check";
import { ensureDebianPackages } from "../components/host/packages";
import { step } from "../components/host/progress";
import { formatReport } from "./doctor/format-report";
import { runDoctor, targetsOf } from "./doctor/run-doctor";
import { exitWithReason } from "./exit-with-reason";
import { configureOnce } from "./local-stack/configure";
import { follow } from "./local-stack/follow";
import { createLocalState, removeDeadLock } from "./local-stack/state";
import { PROJECT_FOLDER } from "./project";
import { localPulumi, readDerpMap } from "./stack";
import { hasColours } from "./terminal";

const program = new Command("start")
    .description("Brings up a real relay on this Linux computer and checks that it works.")
    .option("--stack <name>", "name of the stack; each has machines of its own", "local")
    .addHelpText(
        "after",
        "\nRun it again after a change of Pulumi.<stack>.yaml: the relay is changed in place." +
            "\nnpm run destroy removes everything that it made.",
    )
    .action(start);

program.parseAsync().catch(exitWithReason);

async function start({ stack: name }: { stack: string }): Promise<void> {
    assertLocalUser();
    await ensureDebianPackages({ ...LOCAL_COMMANDS, openssl: "openssl", curl: "curl" });
    const stack = await makeStack(name);
    await bringUp(stack, name);
    const map = await readDerpMap(name);
    const report = await runDoctor(targetsOf(map));
    say(`\n${formatReport(report, hasColours(process.stdout))}`);
    say(nextSteps(name, map));
    process.exitCode = report.ok ? 0 : 1;
}

async function makeStack(name: string): Promise<Stack> {
    await createLocalState();
    const tools = await localPulumi();
    return step(`stack ${name}`, async (detail) => {
        const stack = await LocalWorkspace.createOrSelectStack(
            { stackName: name, workDir: PROJECT_FOLDER },
            { pulumiCommand: tools.command, envVars: tools.env },
        );
        if (await configureOnce(stack, tools)) {
            detail(`wrote Pulumi.${name}.yaml with one region and a certificate`);
        }
        if (await removeDeadLock(name)) {
            detail("removed the lock of a run that was killed");
        }
        return stack;
    });
}

async function bringUp(stack: Stack, name: string): Promise<void> {
    try {
        await stack.up({ refresh: true, onEvent: follow });
    } catch (error) {
        // What went wrong is printed already; the Automation API would repeat all of its output.
        throw new Error(
            `stack ${name} did not come up: see above. After mending it, run npm start again; ` +
                "npm run destroy removes what exists.",
            { cause: error },
        );
    }
}

function nextSteps(name: string, map: DerpMap): string {
    return [
        `derpMap of stack ${name}:`,
        JSON.stringify(map, undefined, 2),
        "",
        "What you can do next:",
        `  npm run doctor -- --stack ${name}                    check it again`,
        `  npm run --silent derp-map -- --stack ${name}         print the derpMap alone`,
        `  edit Pulumi.${name}.yaml and run npm start          change it in place (docs/configuration.md)`,
        "  npm run destroy                                   remove everything",
    ].join("\n");
}

function say(text: string): void {
    process.stdout.write(`${text}\n`);
}
