import { spawn } from "node:child_process";
import { existsSync } from "node:fs";
import { mkdir, open, readdir, readFile, rm, rmdir } from "node:fs/promises";
import { dirname } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";

import { cacheFolder } from "../../host/cache";
import { run } from "../../host/run";
import { reasonOf } from "../../reason-of";
import { type MachineNames, MACHINES_FOLDER, networkNames } from "./names";

/** How long a machine may take to shut down by itself before it is killed, in milliseconds. */
const POWER_OFF_LIMIT = 20_000;
/** How long systemd in the machine may take to answer after a start, in milliseconds. */
const BOOT_LIMIT = 60_000;
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
    const cache = cacheFolder("machine");
    await mkdir(cache, { recursive: true });
    const command = ["systemd-nspawn", ...nspawnArguments(names, address, cache)];
    if (existsSync("/run/systemd/system")) {
        await run("systemd-run", [
            "--quiet",
            "--collect",
            `--unit=${names.unit}`,
            "-p",
            "KillMode=mixed",
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

/**
 * Looks for the process that runs a machine.
 *
 * @param names The machine.
 * @returns ID of the systemd-nspawn process, or undefined when the machine does not run.
 */
export async function findMachine(names: MachineNames): Promise<number | undefined> {
    const pids = (await readdir("/proc")).filter((entry) => /^\d+$/.test(entry));
    for (const pid of pids) {
        const line = await readFile(`/proc/${pid}/cmdline`, "utf8").catch(() => "");
        const parts = line.split("\0");
        if (
            parts[0]?.endsWith("systemd-nspawn") === true &&
            parts.includes(`--machine=${names.machine}`)
        ) {
            return Number(pid);
        }
    }
    return undefined;
}

/** How a command inside of a machine is run. */
export interface InMachineOptions {
    /** What the command reads on standard input. */
    readonly input?: string | Uint8Array;
    /** Called with each line that it prints. */
    readonly onLine?: (line: string) => void;
    /** Exit codes that are no error. */
    readonly okCodes?: number[];
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

async function startDetached(
    names: MachineNames,
    [command = "", ...args]: string[],
): Promise<void> {
    const log = await open(names.console, "a", 0o600);
    try {
        // A session of its own, so that the machine outlives Pulumi and the terminal.
        spawn(command, args, { detached: true, stdio: ["ignore", log.fd, log.fd] }).unref();
    } finally {
        await log.close();
    }
}

async function waitForSystemd(names: MachineNames): Promise<void> {
    const deadline = Date.now() + BOOT_LIMIT;
    for (;;) {
        try {
            await runInMachine(names, ["true"]);
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

/** PID 1 of the machine, as the host numbers it. */
async function findInit(names: MachineNames): Promise<number | undefined> {
    const supervisor = await findMachine(names);
    if (supervisor === undefined) {
        return undefined;
    }
    const pid = String(supervisor);
    const children = await readFile(`/proc/${pid}/task/${pid}/children`, "utf8").catch(() => "");
    const init = Number(children.trim().split(" ")[0]);
    return init > 0 ? init : undefined;
}

async function killMachine(supervisor: number): Promise<void> {
    const pid = String(supervisor);
    const children = await readFile(`/proc/${pid}/task/${pid}/children`, "utf8").catch(() => "");
    for (const child of [...children.trim().split(" ").filter(Boolean).map(Number), supervisor]) {
        try {
            process.kill(child, "SIGKILL");
        } catch {
            // Gone in the meantime, which is what was wanted.
        }
    }
}
