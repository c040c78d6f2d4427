import { Command, InvalidArgumentError } from "commander";
import { LocalWorkspace, type Stack } from "@pulumi/pulumi/automation";

import { isLocalAddress } from "../components/config/local-address";
import type { DerpMap } from "../components/derp-map/types";
import { assertLocalUser, LOCAL_NEEDS } from "../components/drivers/local/host-check";
import { ensureDebianPackages } from "../components/host/packages";
import { step } from "../components/host/progress";
import { formatReport } from "./doctor/format-report";
import { runDoctor, targetsOf } from "./doctor/run-doctor";
import { exitWithReason } from "./exit-with-reason";
import { configureOnce } from "./local-stack/configure";
import { follow } from "./local-stack/follow";
import { createLocalState, DEFAULT_STACK, removeDeadLock } from "./local-stack/state";
import { PROJECT_FOLDER } from "./project";
import { localPulumi, readDerpMap } from "./stack";
import { hasColours } from "./terminal";

const program = new Command("start")
    .description("Brings up a real relay on this Linux computer and checks that it works.")
    .option("--stack <name>", "name of the stack; each has machines of its own", DEFAULT_STACK)
    .option(
        "--address <ipv4>",
        "address of a new stack's machine, on a private network that this computer does not use " +
            "otherwise (default: the first free one from 10.90.0.100)",
        parseAddress,
    )
    .addHelpText(
        "after",
        "\nRun it again after a change of Pulumi.<stack>.yaml: the relay is changed in place." +
            "\nnpm run destroy removes everything that it made.",
    )
    .action(start);

program.parseAsync().catch(exitWithReason);

interface StartOptions {
    readonly stack: string;
    readonly address?: string;
}

function parseAddress(text: string): string {
    if (!isLocalAddress(text)) {
        throw new InvalidArgumentError(
            "must be a private IPv4 address whose last part is from 2 to 254, such as 10.91.0.100.",
        );
    }
    return text;
}

async function start({ stack: name, address }: StartOptions): Promise<void> {
    assertLocalUser();
    await ensureDebianPackages({ ...LOCAL_NEEDS, openssl: "openssl", curl: "curl" });
    const stack = await makeStack(name, address);
    await bringUp(stack, name);
    const map = await readDerpMap(name);
    const report = await runDoctor(targetsOf(map));
    say(`\n${formatReport(report, hasColours(process.stdout))}`);
    say(nextSteps(name, map));
    process.exitCode = report.ok ? 0 : 1;
}

async function makeStack(name: string, address: string | undefined): Promise<Stack> {
    await createLocalState();
    const tools = await localPulumi();
    return step(`stack ${name}`, async (detail) => {
        const stack = await LocalWorkspace.createOrSelectStack(
            { stackName: name, workDir: PROJECT_FOLDER },
            { pulumiCommand: tools.command, envVars: tools.env },
        );
        if (await configureOnce(stack, tools, address)) {
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
            `stack ${name} did not come up: see above. After mending it, run ` +
                `${npm("start", name)} again; ${npm("run destroy", name)} removes what exists.`,
            { cause: error },
        );
    }
}

function nextSteps(name: string, map: DerpMap): string {
    const commands = [
        [`npm run doctor -- --stack ${name}`, "check it again"],
        [`npm run --silent derp-map -- --stack ${name}`, "print the derpMap alone"],
        [`edit Pulumi.${name}.yaml, then ${npm("start", name)}`, "change it in place"],
        [npm("run destroy", name), "remove everything"],
    ] as const;
    const width = Math.max(...commands.map(([command]) => command.length));
    return [
        `derpMap of stack ${name}:`,
        JSON.stringify(map, undefined, 2),
        "",
        "What you can do next (docs/local.md tells more, docs/zh/local.md in Chinese):",
        ...commands.map(([command, what]) => `  ${command.padEnd(width)}   ${what}`),
    ].join("\n");
}

/** A command of npm as it has to be typed for a stack. */
function npm(command: string, stack: string): string {
    return stack === DEFAULT_STACK ? `npm ${command}` : `npm ${command} -- --stack ${stack}`;
}

function say(text: string): void {
    process.stdout.write(`${text}\n`);
}
