import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";

import { APPLY_FROM_STDIN_COMMAND } from "../../cloud-init/archive";
import { runInMachine } from "./machine";
import type { MachineNames } from "./names";
import { findMachine } from "./processes";

/** How long the first boot may take, in milliseconds: on one slow core derper builds for minutes. */
const FIRST_BOOT_LIMIT = 40 * 60_000;
const STATUS = "/var/lib/derp-relay/install.status";
const LOG = "/var/lib/derp-relay/install.log";

/**
 * Waits until cloud-init has run the installer at first boot.
 *
 * @param names The machine.
 * @param say Called with each new line of the installer's log.
 * @throws {Error} If the installer failed or the machine died; the message holds its reason.
 */
export async function waitForFirstInstall(
    names: MachineNames,
    say: (line: string) => void,
): Promise<void> {
    const deadline = Date.now() + FIRST_BOOT_LIMIT;
    let shown = 0;
    for (;;) {
        const status = await readInside(names, STATUS);
        shown = await showNewLines(names, shown, say);
        if (status.startsWith("ok")) {
            return;
        }
        if (status.startsWith("failed")) {
            throw new Error(`the installer on machine ${names.machine} ${status}`);
        }
        if ((await findMachine(names)) === undefined) {
            throw new Error(`machine ${names.machine} died at first boot: see ${names.console}`);
        }
        if (Date.now() > deadline) {
            throw new Error(
                `machine ${names.machine} was not ready after ${String(FIRST_BOOT_LIMIT / 60_000)} ` +
                    `minutes: see ${join(names.rootfs, LOG)}`,
            );
        }
        await sleep(250);
    }
}

/**
 * Applies a payload to a running machine.
 *
 * @param names The machine.
 * @param archive The payload as `renderArchive` packs it.
 * @param say Called with each line that the installer prints.
 * @throws {Error} If the installer fails, with its reason; what served before serves again.
 */
export async function applyPayload(
    names: MachineNames,
    archive: Uint8Array,
    say: (line: string) => void,
): Promise<void> {
    try {
        await runInMachine(names, ["/bin/sh", "-c", APPLY_FROM_STDIN_COMMAND], {
            input: archive,
            onLine: say,
        });
    } catch (error) {
        const status = await readInside(names, STATUS);
        throw status.startsWith("failed")
            ? new Error(`the installer on machine ${names.machine} ${status}`, { cause: error })
            : error;
    }
}

/**
 * Tells which payload a machine runs.
 *
 * @param names The machine.
 * @returns Short digest of the payload that was installed last; undefined when that failed, or goes on.
 */
export async function installedPayload(names: MachineNames): Promise<string | undefined> {
    return /^ok .* payload ([0-9a-f]+)$/m.exec(await readInside(names, STATUS))?.[1];
}

async function showNewLines(
    names: MachineNames,
    shown: number,
    say: (line: string) => void,
): Promise<number> {
    const lines = (await readInside(names, LOG)).split("\n").slice(0, -1);
    for (const line of lines.slice(shown)) say(line);
    return lines.length;
}

async function readInside({ rootfs }: MachineNames, path: string): Promise<string> {
    return readFile(join(rootfs, path), "utf8").catch(() => "");
}
