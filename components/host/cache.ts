import { existsSync } from "node:fs";
import { mkdir, rename, rm, writeFile } from "node:fs/promises";
import { homedir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";

import { lock } from "proper-lockfile";

import { step } from "./progress";

/** A holder that has not renewed its lock for so long is dead, in milliseconds. */
const STALE_AFTER = 20_000;
/** Pause before another try for the lock, in milliseconds. */
const BETWEEN_TRIES = 500;

/**
 * A folder below this project's cache, by the XDG base directory specification. Everything in it
 * can be deleted while no machine of the `local` place exists.
 *
 * @param parts Names below the cache folder.
 * @returns Its path; nothing is created.
 */
export function cacheFolder(...parts: readonly string[]): string {
    // eslint-disable-next-line n/no-process-env -- the specification says so
    const base = process.env.XDG_CACHE_HOME ?? "";
    return join(base === "" ? join(homedir(), ".cache") : base, "derp-relay", ...parts);
}

/** Something that takes long to make and can be kept. */
export interface CachedThing {
    /** Kind of thing: a folder of the cache. */
    readonly name: string;
    /** What it depends on, such as a version: another key makes another thing. */
    readonly key: string;
    /** What is shown while it is made. */
    readonly title: string;
    /** Makes it in an empty folder. */
    readonly build: (folder: string, say: (detail: string) => void) => Promise<void>;
}

/**
 * Makes a thing once and finds it the next time. A thing is either whole or not there: it is made
 * in a folder beside its place and renamed. Of two runs at once, one makes it and the other waits.
 *
 * @param thing What to make.
 * @returns Its folder.
 */
export async function builtOnce(thing: CachedThing): Promise<string> {
    const folder = cacheFolder(thing.name, thing.key);
    if (existsSync(folder)) {
        return folder;
    }
    await mkdir(cacheFolder(thing.name), { recursive: true });
    return withLock(`${folder}.lock`, thing.title, async () => {
        // Another run may have made it while this one waited.
        if (!existsSync(folder)) {
            await make(thing, folder);
        }
        return folder;
    });
}

/**
 * Runs work that no second run may do at the same time.
 *
 * @param file Path of the lock; its folder exists.
 * @param title What is shown while another run holds it.
 * @param work The work.
 * @returns What the work returned.
 * @throws {Error} If the lock cannot be made, as on a full disk, or the work failed.
 */
export async function withLock<T>(file: string, title: string, work: () => Promise<T>): Promise<T> {
    await writeFile(file, "", { flag: "a" });
    const release = await acquire(file, title);
    try {
        return await work();
    } finally {
        await release();
    }
}

async function make({ title, build }: CachedThing, folder: string): Promise<void> {
    const unfinished = `${folder}.unfinished`;
    await rm(unfinished, { recursive: true, force: true });
    await mkdir(unfinished, { recursive: true });
    try {
        await step(title, (say) => build(unfinished, say));
        await rename(unfinished, folder);
    } finally {
        await rm(unfinished, { recursive: true, force: true });
    }
}

type Release = () => Promise<void>;

async function acquire(file: string, title: string): Promise<Release> {
    return (
        (await tryToLock(file)) ??
        (await step(`waiting for another run: ${title}`, () => waitForLock(file)))
    );
}

/** The library's own retries would wait for a full disk as well, for ever. */
async function waitForLock(file: string): Promise<Release> {
    for (;;) {
        await sleep(BETWEEN_TRIES);
        const release = await tryToLock(file);
        if (release !== undefined) return release;
    }
}

/** Undefined while another run holds the lock. */
async function tryToLock(file: string): Promise<Release | undefined> {
    try {
        return await lock(file, { stale: STALE_AFTER, realpath: false });
    } catch (error) {
        if ((error as NodeJS.ErrnoException).code === "ELOCKED") return undefined;
        throw error;
    }
}
