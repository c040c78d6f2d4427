import { randomBytes } from "node:crypto";
import { mkdtemp, open, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

import type { Client } from "./client";

const SCRIPT = require.resolve("./transfer-end.cjs");
const MEGABYTE = 1_000_000;
/** Slowest relay that is put up with, in megabytes a second. */
const SLOWEST = 0.5;

/** What went from one client to the other. */
export interface Transfer {
    /** Size of the file. */
    readonly bytes: number;
    /** SHA-256 of the file, the same at both ends. */
    readonly sha256: string;
    /** How long it took, start of the programs at both ends included. */
    readonly seconds: number;
}

/** What an end of a transfer tells of its file. */
type Digest = Pick<Transfer, "bytes" | "sha256">;

/**
 * Sends a file of random bytes over TCP through the tunnel.
 *
 * @param from Who sends.
 * @param to Who receives.
 * @param megabytes Size of the file, in millions of bytes.
 * @returns What was sent.
 * @throws {Error} If it does not arrive in time, or not as it was sent.
 */
export async function transfer(from: Client, to: Client, megabytes: number): Promise<Transfer> {
    const folder = await mkdtemp(join(tmpdir(), "derp-relay-transfer-"));
    try {
        const file = join(folder, "sent");
        await writeRandom(file, megabytes);
        const begun = Date.now();
        const [sent, received] = await pass(from, to, { folder, file, megabytes });
        if (sent.bytes !== megabytes * MEGABYTE || sent.sha256 !== received.sha256) {
            throw new Error(
                `what arrives must be what was sent: got ${JSON.stringify(received)}, sent ${JSON.stringify(sent)}`,
            );
        }
        return { ...sent, seconds: (Date.now() - begun) / 1000 };
    } finally {
        await rm(folder, { recursive: true, force: true });
    }
}

async function pass(
    from: Client,
    to: Client,
    what: { readonly folder: string; readonly file: string; readonly megabytes: number },
): Promise<[Digest, Digest]> {
    const options = { timeoutMs: 30_000 + (what.megabytes / SLOWEST) * 1000 };
    const script = (...args: string[]) => [SCRIPT, ...args];
    let listens: (port: number) => void = () => undefined;
    const port = new Promise<number>((resolve) => {
        listens = resolve;
    });
    const received = to.exec(
        process.execPath,
        script("receive", to.ipv4, join(what.folder, "received")),
        {
            ...options,
            onLine: (line) => {
                const told = JSON.parse(line) as { port?: number };
                if (told.port !== undefined) listens(told.port);
            },
        },
    );
    // A receiver that fails before it listens must not be waited for.
    const listening = await Promise.race([port, received.then(() => 0)]);
    const sent = from.exec(
        process.execPath,
        script("send", to.ipv4, String(listening), what.file),
        options,
    );
    const [sender, receiver] = await Promise.all([sent, received]);
    return [lastDigest(sender.stdout), lastDigest(receiver.stdout)];
}

function lastDigest(stdout: string): Digest {
    return JSON.parse(stdout.trim().split("\n").at(-1) ?? "") as Digest;
}

async function writeRandom(file: string, megabytes: number): Promise<void> {
    const handle = await open(file, "w", 0o600);
    for (let written = 0; written < megabytes; written += 1) {
        await handle.write(randomBytes(MEGABYTE));
    }
    await handle.close();
}
