import { randomBytes } from "node:crypto";
import { existsSync } from "node:fs";
import { mkdir, readdir, readFile, rm, rmdir, writeFile } from "node:fs/promises";
import { homedir, hostname } from "node:os";
import { dirname, join } from "node:path";

import { PROJECT_FOLDER, PROJECT_NAME } from "../project";

/** Stack of `npm start` when none is named. */
export const DEFAULT_STACK = "local";

/** Where the stacks that `npm start` makes are kept; the user's own Pulumi login is not used. */
export interface LocalState {
    /** Folder of everything below. */
    readonly folder: string;
    /** Folder of Pulumi's file backend. */
    readonly backend: string;
    /** File with the passphrase that encrypts the secrets of these stacks. */
    readonly passphraseFile: string;
}

/**
 * The state folder, by the XDG base directory specification.
 *
 * @returns Its paths; nothing is created.
 */
export function localState(): LocalState {
    const base = process.env.XDG_STATE_HOME ?? "";
    const folder = join(base === "" ? join(homedir(), ".local", "state") : base, "derp-relay");
    return {
        folder,
        backend: join(folder, "backend"),
        passphraseFile: join(folder, "passphrase"),
    };
}

/**
 * Makes the state folder with a random passphrase, once.
 *
 * @returns Its paths.
 */
export async function createLocalState(): Promise<LocalState> {
    const state = localState();
    await mkdir(state.backend, { recursive: true, mode: 0o700 });
    if (!existsSync(state.passphraseFile)) {
        const passphrase = randomBytes(32).toString("base64url");
        await writeFile(state.passphraseFile, passphrase, { mode: 0o600, flag: "wx" });
    }
    return state;
}

/**
 * Whether `npm start` made a stack.
 *
 * @param stack Name of the stack.
 * @returns True when it is in the state folder.
 */
export function isLocalStack(stack: string): boolean {
    return existsSync(join(stacksFolder(), `${stack}.json`));
}

/**
 * Configuration file of a stack.
 *
 * @param stack Name of the stack.
 * @returns Path of `Pulumi.<stack>.yaml`.
 */
export function stackFile(stack: string): string {
    return join(PROJECT_FOLDER, `Pulumi.${stack}.yaml`);
}

/**
 * Removes the lock of a Pulumi run that was killed, when its process is gone.
 *
 * @param stack Name of the stack.
 * @returns True when a lock was removed.
 */
export async function removeDeadLock(stack: string): Promise<boolean> {
    const folder = join(
        localState().backend,
        ".pulumi",
        "locks",
        "organization",
        PROJECT_NAME,
        stack,
    );
    const locks = existsSync(folder) ? await readdir(folder) : [];
    let removed = false;
    for (const lock of locks) {
        const file = join(folder, lock);
        if (await isDead(await readFile(file, "utf8"))) {
            await rm(file);
            removed = true;
        }
    }
    return removed;
}

/** A lock that cannot be read was being written when its holder was killed. */
async function isDead(lock: string): Promise<boolean> {
    let holder: { pid?: number; hostname?: string };
    try {
        holder = JSON.parse(lock) as typeof holder;
    } catch {
        return true;
    }
    return holder.hostname === hostname() && !(await isRunningPulumi(holder.pid));
}

/** One that was killed stands among the processes until its parent has taken note, which can take seconds. */
async function isRunningPulumi(pid: number | undefined): Promise<boolean> {
    const status = await readFile(`/proc/${String(pid)}/status`, "utf8").catch(() => "");
    return /^Name:\tpulumi$/m.test(status) && !/^State:\t[ZX]/m.test(status);
}

/**
 * Remembers that `npm start` wrote a stack's configuration, and no person did.
 *
 * @param stack Name of the stack.
 */
export async function rememberConfig(stack: string): Promise<void> {
    await mkdir(dirname(mark(stack)), { recursive: true });
    await writeFile(mark(stack), "");
}

/**
 * Removes the configuration of a stack, if `npm start` wrote it.
 *
 * @param stack Name of the stack.
 * @returns False when somebody else wrote it, so that it was left.
 */
export async function forgetConfig(stack: string): Promise<boolean> {
    if (!existsSync(mark(stack))) {
        return false;
    }
    await rm(stackFile(stack), { force: true });
    await rm(mark(stack));
    return true;
}

function mark(stack: string): string {
    return join(localState().folder, "written", stack);
}

/** Removes the state folder when no stack is left in it. */
export async function removeUnusedState(): Promise<void> {
    const stacks = existsSync(stacksFolder())
        ? (await readdir(stacksFolder())).filter((file) => file.endsWith(".json"))
        : [];
    if (stacks.length > 0) {
        return;
    }
    const { folder } = localState();
    await rm(folder, { recursive: true, force: true });
    // The parents are shared: they only go when they are empty.
    for (const parent of [dirname(folder), dirname(dirname(folder))]) {
        await rmdir(parent).catch(() => undefined);
    }
}

function stacksFolder(): string {
    return join(localState().backend, ".pulumi", "stacks", PROJECT_NAME);
}
