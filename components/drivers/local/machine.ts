import { spawn } from "node:child_process";
import { existsSync } from "node:fs";
import { mkdir, open, rm, rmdir } from "node:fs/promises";
import { dirname } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";

import { cacheFolder } from "../../host/cache";
import { run } from "../../host/run";
import { reasonOf } from "../../reason-of";
import { type MachineNames, MACHINES_FOLDER, networkNames } from "./names";
import { findInit, findMachine, killMachine, killOrphans } from "./processes";

/** How long a machine may take to shut down by itself before it is killed, in milliseconds. */
const POWER_OFF_LIMIT = 20_000;
/** How long systemd in the machine may take to answer after a start, in milliseconds. */
const BOOT_LIMIT = 60_000;
/** With this exit code nspawn says that the machine wants to boot again. */
const REBOOT = "133";
/** How long a single answer of its systemd may take, in milliseconds. */
const ANSWER_LIMIT = 10_000;
/** Where the payload keeps downloads, Go modules and build results. */
const MACHINE_CACHE = "/var/cache/derp-relay";

/**
 * Boots a machine and returns when its systemd answers. Does nothing when it runs already.
 *
 * @param names The machine.
 * @param address Its IPv4 address, which tells its bridge.
 * @throws {Error} If it does not come up; names the file with its console.
 */
export async function startMachine(names: MachineNames, address: string): Promise<void> {
    if ((await findMachine(names)) !== undefined) {
        return;
    }
    await killOrphans(names);
    const cache = cacheFolder("machine");
    await mkdir(cache, { recursive: true });
    const command = ["systemd-nspawn", ...nspawnArguments(names, address, cache)];
    if (existsSync("/run/systemd/system")) {
        await run("systemd-run", [
            "--quiet",
            "--collect",
            `--unit=${names.unit}`,
            ...["-p", "KillMode=mixed", "-p", `StandardOutput=append:${names.console}`],
            ...["-p", `RestartForceExitStatus=${REBOOT}`, "-p", `SuccessExitStatus=${REBOOT}`],
            ...command,
        ]);
    } else {
        await startDetached(names, command);
    }
    await waitForSystemd(names);
}

/**
 * Shuts a machine down; kills it when it does not go by itself.
 *
 * @param names The machine.
 */
async function stopMachine(names: MachineNames): Promise<void> {
    const supervisor = await findMachine(names);
    if (supervisor === undefined) {
        await killOrphans(names);
        return;
    }
    // nspawn hands SIGTERM on as the signal that makes systemd power off.
    process.kill(supervisor, "SIGTERM");
    const deadline = Date.now() + POWER_OFF_LIMIT;
    while ((await findMachine(names)) !== undefined) {
        if (Date.now() > deadline) {
            await killMachine(supervisor);
        }
        await sleep(100);
    }
}

/**
 * Removes a machine: its processes and its folder, whatever state they are in.
 *
 * @param names The machine.
 */
export async function removeMachine(names: MachineNames): Promise<void> {
    await stopMachine(names);
    await rm(names.folder, { recursive: true, force: true });
    // Takes the empty parents along; not empty means that another machine lives there.
    for (const folder of [MACHINES_FOLDER, dirname(MACHINES_FOLDER)]) {
        await rmdir(folder).catch(() => undefined);
    }
}

/** How a command inside of a machine is run. */
export interface InMachineOptions {
    /** What the command reads on standard input. */
    readonly input?: string | Uint8Array;
    /** Called with each line that it prints. */
    readonly onLine?: (line: string) => void;
    /** Exit codes that are no error. */
    readonly okCodes?: number[];
    /** Gives up waiting after this many milliseconds; on the machine the command goes on. */
    readonly timeoutMs?: number;
}

/**
 * Runs a command inside of a running machine, as a service of its systemd.
 *
 * @param names The machine.
 * @param command Command and arguments.
 * @param options How to run it.
 * @returns What it printed, and its exit code.
 * @throws {Error} If the machine does not run or the command fails.
 */
export async function runInMachine(
    names: MachineNames,
    command: readonly string[],
    options: InMachineOptions = {},
): ReturnType<typeof run> {
    const init = await findInit(names);
    if (init === undefined) {
        throw new Error(`machine ${names.machine} does not run: start it with npm start`);
    }
    const enter = ["--target", String(init), "--mount", "--uts", "--ipc", "--net", "--pid"];
    const service = ["systemd-run", "--quiet", "--wait", "--pipe", "--collect", "--"];
    return run("nsenter", [...enter, "--", ...service, ...command], options);
}

function nspawnArguments(
    { machine, rootfs }: MachineNames,
    address: string,
    cache: string,
): string[] {
    return [
        "--quiet",
        `--directory=${rootfs}`,
        "--boot",
        `--machine=${machine}`,
        "--register=no",
        "--keep-unit",
        `--network-bridge=${networkNames(address).bridge}`,
        `--bind=${cache}:${MACHINE_CACHE}`,
        "--resolv-conf=off",
        "--timezone=off",
    ];
}

async function startDetached(names: MachineNames, command: readonly string[]): Promise<void> {
    const log = await open(names.console, "a", 0o600);
    try {
        const keepRunning = `while "$@"; [ $? = ${REBOOT} ]; do :; done`;
        // A session of its own, so that the machine outlives Pulumi and the terminal.
        spawn("sh", ["-c", keepRunning, "sh", ...command], {
            detached: true,
            stdio: ["ignore", log.fd, log.fd],
        }).unref();
    } finally {
        await log.close();
    }
}

async function waitForSystemd(names: MachineNames): Promise<void> {
    const deadline = Date.now() + BOOT_LIMIT;
    for (;;) {
        try {
            await runInMachine(names, ["true"], { timeoutMs: ANSWER_LIMIT });
            return;
        } catch (cause) {
            if (Date.now() > deadline) {
                throw new Error(
                    `machine ${names.machine} did not boot within ${String(BOOT_LIMIT / 1000)} s: ` +
                        `see ${names.console} (last reason: ${reasonOf(cause)})`,
                    { cause },
                );
            }
        }
        await sleep(200);
    }
}
