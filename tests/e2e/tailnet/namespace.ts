import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync } from "node:fs";
import { open, readFile } from "node:fs/promises";
import { Socket } from "node:net";
import { join } from "node:path";

import { run, type RunOptions, type RunResult } from "../../../components/host/run";
import { eventually, HopelessError } from "./eventually";

const REAPER = join(__dirname, "reap.sh");
/** How long the reaper of a run that was killed may take to finish, in milliseconds. */
const REAPING_TIME = 10_000;

/** A link into a namespace. */
export interface Link {
    /** Name of the namespace, and of the host's end of the link. */
    readonly namespace: string;
    /** Bridge that the host's end joins. */
    readonly bridge: string;
    /** Address of the other end, with its prefix length. */
    readonly address: string;
}

/**
 * Makes a network namespace with one link, to a bridge. It has no default route: nothing in it can
 * reach the internet.
 *
 * @param link Names and address.
 */
export async function createNamespace({ namespace, bridge, address }: Link): Promise<void> {
    await run("ip", ["netns", "add", namespace]);
    await run("ip", [
        ...["link", "add", namespace, "type", "veth"],
        ...["peer", "name", "eth0", "netns", namespace],
    ]);
    await run("ip", ["link", "set", namespace, "master", bridge, "up"]);
    await run("ip", ["-n", namespace, "address", "add", address, "dev", "eth0"]);
    await run("ip", ["-n", namespace, "link", "set", "lo", "up"]);
    await run("ip", ["-n", namespace, "link", "set", "eth0", "up"]);
}

/**
 * Runs a command in a namespace and waits for it.
 *
 * @param namespace Name of the namespace.
 * @param command The command and its arguments.
 * @param options As for every command, but `env` adds to PATH and HOME.
 * @returns What it printed, and its exit code.
 */
export function runIn(
    namespace: string,
    command: readonly string[],
    options: RunOptions = {},
): Promise<RunResult> {
    const env = { ...plainEnvironment(), ...options.env };
    return run("ip", ["netns", "exec", namespace, ...command], { ...options, env });
}

/** A proxy that the caller's environment names is out of reach in a namespace. */
function plainEnvironment(): NodeJS.ProcessEnv {
    return { PATH: process.env.PATH, HOME: process.env.HOME };
}

/** A program that keeps running. */
export interface Daemon {
    /**
     * Throws when the program has ended.
     *
     * @throws {Error} With its exit code and the last lines of its log.
     */
    assertRunning(): Promise<void>;
}

/**
 * Starts a program that keeps running in a namespace. It ends when the namespace is reaped.
 *
 * @param namespace Name of the namespace.
 * @param command The command and its arguments.
 * @param options Where it logs, and its environment beside PATH and HOME.
 * @returns The program.
 */
export async function startIn(
    namespace: string,
    command: readonly string[],
    options: { readonly log: string; readonly env?: Readonly<Record<string, string>> },
): Promise<Daemon> {
    const log = await open(options.log, "a", 0o600);
    const child = spawn("ip", ["netns", "exec", namespace, ...command], {
        env: { ...plainEnvironment(), ...options.env },
        stdio: ["ignore", log.fd, log.fd],
        // Ctrl-C on a terminal must not reach it: the reaper ends all in the right order.
        detached: true,
    });
    await once(child, "spawn").finally(() => log.close());
    child.unref();
    return {
        async assertRunning() {
            if (child.exitCode === null && child.signalCode === null) {
                return;
            }
            const lines = (await readFile(options.log, "utf8")).trimEnd().split("\n").slice(-15);
            throw new HopelessError(
                `${command.join(" ")} ended (${String(child.exitCode ?? child.signalCode)}):\n${lines.join("\n")}`,
            );
        },
    };
}

/**
 * Ends all programs in namespaces and removes the namespaces with their links.
 *
 * @param namespaces Names; those that do not exist are passed over.
 */
export async function reap(namespaces: readonly string[]): Promise<void> {
    await run(REAPER, namespaces);
}

/**
 * Removes what a killed run left. Its own reaper may be at work still, and gets the time to
 * finish: otherwise it could take away what this run is about to make.
 *
 * @param namespaces Names.
 */
export async function reapLeftovers(namespaces: readonly string[]): Promise<void> {
    const left = () => namespaces.filter((name) => existsSync(join("/run/netns", name)));
    const patience = { what: "the reaper of an earlier run", timeoutMs: REAPING_TIME };
    await eventually(
        () => (left().length === 0 ? Promise.resolve() : Promise.reject(new Error("busy"))),
        patience,
    ).catch(() => undefined);
    await reap(namespaces);
}

/** Removes namespaces when this process ends without having done it. */
export interface Watch {
    /** Ends the watch. */
    end(): Promise<void>;
}

/**
 * Has namespaces reaped when this process ends, however it ends: by itself, by an exception, by
 * Ctrl-C or by SIGKILL. It cannot be done in this process: jest gives tests a copy of `process`
 * that no signal reaches.
 *
 * @param namespaces Names.
 * @returns The watch.
 */
export async function reapAtExit(namespaces: readonly string[]): Promise<Watch> {
    const child = spawn(REAPER, ["--at-end-of-input", ...namespaces], {
        stdio: ["pipe", "ignore", "ignore"],
        detached: true,
    });
    await once(child, "spawn");
    child.unref();
    // Left alone it would keep this process from ending.
    if (child.stdin instanceof Socket) {
        child.stdin.unref();
    }
    return {
        async end() {
            if (child.exitCode !== null || child.signalCode !== null) {
                return;
            }
            child.ref();
            const closed = once(child, "close");
            child.stdin.end();
            await closed;
        },
    };
}
