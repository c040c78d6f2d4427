import { readdir, readFile, readlink } from "node:fs/promises";
import { setTimeout as sleep } from "node:timers/promises";

import type { MachineNames } from "./names";

/** How long the kernel may take to clear away a killed machine, in milliseconds. */
const ORPHAN_LIMIT = 10_000;

/**
 * Looks for the process that runs a machine.
 *
 * @param names The machine.
 * @returns ID of the systemd-nspawn process, or undefined when the machine does not run.
 */
export async function findMachine(names: MachineNames): Promise<number | undefined> {
    for (const pid of await listProcesses()) {
        const line = await readFile(`/proc/${String(pid)}/cmdline`, "utf8").catch(() => "");
        const parts = line.split("\0");
        if (
            parts[0]?.endsWith("systemd-nspawn") === true &&
            parts.includes(`--machine=${names.machine}`)
        ) {
            return pid;
        }
    }
    return undefined;
}

async function listProcesses(): Promise<readonly number[]> {
    return (await readdir("/proc")).filter((entry) => /^\d+$/.test(entry)).map(Number);
}

/**
 * Looks for PID 1 of a machine, as the host numbers it.
 *
 * @param names The machine.
 * @returns The process ID, or undefined when the machine does not run.
 */
export async function findInit(names: MachineNames): Promise<number | undefined> {
    const supervisor = await findMachine(names);
    if (supervisor === undefined) {
        return undefined;
    }
    const pid = String(supervisor);
    const children = await readFile(`/proc/${pid}/task/${pid}/children`, "utf8").catch(() => "");
    const init = children.trim().split(" ")[0] ?? "";
    // For a moment the child of systemd-nspawn is on the host still, and so would be what enters it.
    const [own, its] = await Promise.all(["self", init].map(processNamespace));
    return its === undefined || its === own ? undefined : Number(init);
}

function processNamespace(pid: string): Promise<string | undefined> {
    return readlink(`/proc/${pid}/ns/pid`).catch(() => undefined);
}

/**
 * Kills a machine at once, its supervisor last.
 *
 * @param supervisor ID of its systemd-nspawn process.
 */
export async function killMachine(supervisor: number): Promise<void> {
    const pid = String(supervisor);
    const children = await readFile(`/proc/${pid}/task/${pid}/children`, "utf8").catch(() => "");
    for (const child of [...children.trim().split(" ").filter(Boolean).map(Number), supervisor]) {
        kill(child);
    }
}

/**
 * Kills what is left of a machine whose supervisor was killed: its processes live on without it, and
 * hold its address. They are known by their root, which is the machine's folder.
 *
 * @param names The machine.
 */
export async function killOrphans({ machine }: MachineNames): Promise<void> {
    const root = `/derp-relay/machines/${machine}/rootfs`;
    for (const pid of await listProcesses()) {
        if (!(await hasRoot(pid, root))) continue;
        // The kernel takes the link away with the last process, a moment later.
        const file = `/proc/${String(pid)}/root/sys/class/net/host0/iflink`;
        const link = await readFile(file, "utf8").catch(() => "");
        kill(pid);
        const deadline = Date.now() + ORPHAN_LIMIT;
        while (((await hasRoot(pid, root)) || (await hasLink(link))) && Date.now() < deadline) {
            await sleep(50);
        }
    }
}

async function hasRoot(pid: number, root: string): Promise<boolean> {
    const mounts = await readFile(`/proc/${String(pid)}/mountinfo`, "utf8").catch(() => "");
    return mounts.split("\n").some((line) => {
        const [, , , source, target] = line.split(" ");
        return target === "/" && source?.endsWith(root) === true;
    });
}

async function hasLink(index: string): Promise<boolean> {
    const links = await readdir("/sys/class/net");
    const indexes = links.map((name) =>
        readFile(`/sys/class/net/${name}/ifindex`, "utf8").catch(() => undefined),
    );
    return (await Promise.all(indexes)).includes(index);
}

function kill(pid: number): void {
    try {
        process.kill(pid, "SIGKILL");
    } catch {
        // Gone in the meantime, which is what was wanted.
    }
}
