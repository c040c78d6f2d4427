import { spawn } from "node:child_process";
import { createPrivateKey, type KeyObject } from "node:crypto";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";

import { ensureDebianPackages, findCommand } from "../../../components/host/packages";
import { toOpenssh } from "../support/openssh";
import type { Connection } from "./command-args";
import type { Log } from "./engine-log";

/** An open connection: what is run with its configuration goes over it. */
export interface Client {
    /** Path of the `ssh` program. */
    readonly ssh: string;
    /** Arguments that come before the command. */
    readonly args: readonly string[];
    /** Closes it. */
    close(): Promise<void>;
}

/** Name of the machine in the configuration; its address is never looked up in known hosts. */
const TARGET = "target";
/** Waiting time between attempts as in Pulumi's `retry.Until`, in milliseconds; a test may shorten the longest. */
const RETRY = {
    ...{ first: 100, factor: 1.5 },
    longest: Number(process.env.DERP_RELAY_STAND_IN_LONGEST_PAUSE ?? 5000),
};
/**
 * Order of `golang.org/x/crypto/ssh`, which does not look at the expected key: a server that has
 * ECDSA, too, shows that one, and a fixed Ed25519 key does not match.
 *
 * @see https://github.com/golang/go/issues/29286
 */
const HOST_KEY_ALGORITHMS = [
    ...["ecdsa-sha2-nistp256", "ecdsa-sha2-nistp384", "ecdsa-sha2-nistp521"],
    ...["rsa-sha2-256", "rsa-sha2-512", "ssh-rsa", "ssh-ed25519"],
];

/**
 * Connects, and tries again after every failure, a refused key among them, as the real provider.
 *
 * @param connection Where to.
 * @param log Told of each failure.
 * @param signal Ends the attempts.
 * @returns The connection; whoever asked for it closes it.
 */
export async function dial(connection: Connection, log: Log, signal: AbortSignal): Promise<Client> {
    await ensureDebianPackages({ ssh: "openssh-client" });
    const ssh = findCommand("ssh") ?? "ssh";
    // mkdtemp makes a folder that only its owner reads.
    const folder = await mkdtemp(join(tmpdir(), "pulumi-resource-command-"));
    const remove = (): Promise<void> => rm(folder, { recursive: true, force: true });
    try {
        await configure(folder, connection);
        const args = ["-F", join(folder, "config")];
        await untilConnected(connection, log, signal, () => connect(ssh, folder, connection));
        return {
            ssh,
            // Without the connection it must fail, not open another.
            args: [...args, "-o", "ControlMaster=no", "-o", "ProxyCommand=false", TARGET],
            async close() {
                await exitCode(ssh, [...args, "-O", "exit", TARGET]);
                await remove();
            },
        };
    } catch (error) {
        await remove();
        throw error;
    }
}

async function untilConnected(
    { dialErrorLimit }: Connection,
    log: Log,
    signal: AbortSignal,
    attempt: () => Promise<string | undefined>,
): Promise<void> {
    for (let wait = RETRY.first, failures = 1; ; failures++) {
        const reason = await attempt();
        if (reason === undefined) {
            return;
        }
        if (dialErrorLimit > -1 && failures > dialErrorLimit) {
            throw new Error(`after ${String(failures - 1)} failed attempts: ${reason}`);
        }
        const limit = dialErrorLimit === -1 ? "inf" : String(dialErrorLimit);
        log.status(`Dial ${String(failures)}/${limit} failed: retrying`);
        await delay(wait, undefined, { signal });
        wait = Math.min(wait * RETRY.factor, RETRY.longest);
    }
}

async function configure(folder: string, connection: Connection): Promise<void> {
    const write = (name: string, text: string): Promise<void> =>
        writeFile(join(folder, name), text, { mode: 0o600 });
    const { hostKey, privateKey } = connection;
    if (privateKey !== undefined) {
        await write("key", opensshKey(privateKey));
    }
    if (hostKey !== undefined) {
        await write("known_hosts", `${TARGET} ${publicKey(hostKey)}\n`);
    }
    const lines = [
        `HostName ${connection.host}`,
        `Port ${String(connection.port)}`,
        `User ${connection.user}`,
        `HostKeyAlias ${TARGET}`,
        `HostKeyAlgorithms ${HOST_KEY_ALGORITHMS.join(",")}`,
        `StrictHostKeyChecking ${hostKey === undefined ? "no" : "yes"}`,
        `UserKnownHostsFile ${hostKey === undefined ? "/dev/null" : join(folder, "known_hosts")}`,
        "GlobalKnownHostsFile /dev/null",
        "UpdateHostKeys no",
        `IdentityFile ${privateKey === undefined ? "none" : join(folder, "key")}`,
        "IdentitiesOnly yes",
        "IdentityAgent none",
        "PreferredAuthentications publickey",
        "BatchMode yes",
        `ConnectTimeout ${String(connection.perDialTimeout)}`,
        `ControlPath ${join(folder, "socket")}`,
        // Each session's program is given nothing but what is to be sent.
        "SendEnv *",
        "LogLevel ERROR",
    ];
    await write("config", `${[`Host ${TARGET}`, ...lines].join("\n")}\n`);
}

/** Go reads every PEM format; OpenSSH reads some of them only. */
function opensshKey(pem: string): string {
    if (pem.includes("BEGIN OPENSSH PRIVATE KEY")) {
        return `${pem.trim()}\n`;
    }
    let key: KeyObject;
    try {
        key = createPrivateKey(pem);
    } catch {
        throw new Error("ssh: no key found");
    }
    return toOpenssh(key).privateKey;
}

function publicKey(line: string): string {
    const [key] = /(?:ssh|ecdsa)-[\w-]+ AAAA[\w+/=]+/.exec(line) ?? [];
    if (key === undefined) {
        throw new Error("failed to parse host key: ssh: no key found");
    }
    return key;
}

/** Connects once; tells why it could not. */
async function connect(
    ssh: string,
    folder: string,
    connection: Connection,
): Promise<string | undefined> {
    const log = join(folder, "log");
    await rm(log, { force: true });
    const own = ["-F", join(folder, "config"), "-E", log, "-o", "ControlMaster=yes", "-f", "-N"];
    if ((await exitCode(ssh, [...own, TARGET])) === 0) {
        return undefined;
    }
    return asGoSays(await readFile(log, "utf8").catch(() => ""), connection);
}

function asGoSays(log: string, { host, port, privateKey }: Connection): string {
    if (log.includes("Host key verification failed")) {
        return "ssh: handshake failed: ssh: host key mismatch";
    }
    if (log.includes("Permission denied")) {
        const methods = privateKey === undefined ? "none" : "none publickey";
        return `ssh: handshake failed: ssh: unable to authenticate, attempted methods [${methods}], no supported methods remain`;
    }
    return `dial tcp ${host}:${String(port)}: ${networkReason(log)}`;
}

function networkReason(log: string): string {
    const [, reason] = /: (Connection [\w ]+|No route to host|Network is \w+)\s*$/i.exec(log) ?? [];
    const said = reason?.toLowerCase() ?? log.trim().split("\n").at(-1) ?? "";
    return said === "connection timed out" ? "i/o timeout" : `connect: ${said}`;
}

function exitCode(command: string, args: readonly string[]): Promise<number | null> {
    return new Promise((resolve, reject) => {
        // What goes to the background keeps what it was given: it gets nothing.
        const child = spawn(command, args, { stdio: "ignore" });
        child.once("error", reject);
        child.once("exit", resolve);
    });
}
