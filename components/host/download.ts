import { createHash } from "node:crypto";
import { createReadStream } from "node:fs";
import { rename, rm } from "node:fs/promises";
import { pipeline } from "node:stream/promises";

import { run } from "./run";
import { reasonOf } from "../reason-of";

/** How long a server may take to accept a connection, in seconds. */
const CONNECT_LIMIT = 5;
/** How long a whole download may take, in seconds. */
const TOTAL_LIMIT = 900;

/** An address served another file than the one that was wanted. */
export class WrongChecksumError extends Error {}

/** A file on the network whose content is known. */
export interface Download {
    /** Addresses of the same file, tried in this order. */
    readonly urls: readonly string[];
    /** SHA-256 of the file in lower-case hex. */
    readonly sha256: string;
    /** Where to put it. */
    readonly file: string;
}

/**
 * Downloads a file from the first address that serves the right content.
 *
 * @param download What to download.
 * @throws {Error} If no address serves it; names each one with its reason. A
 * {@link WrongChecksumError} if one of them served something else.
 */
export async function downloadFile({ urls, sha256, file }: Download): Promise<void> {
    const partial = `${file}.partial`;
    const reasons: string[] = [];
    let isWrong = false;
    for (const url of urls) {
        try {
            await fetchTo(url, partial);
            await assertSha256(partial, sha256);
            await rename(partial, file);
            return;
        } catch (error) {
            reasons.push(`  ${url}: ${lastLineOf(error)}`);
            isWrong ||= error instanceof WrongChecksumError;
        } finally {
            await rm(partial, { force: true });
        }
    }
    const message = ["no address serves the file:", ...reasons].join("\n");
    throw isWrong ? new WrongChecksumError(message) : new Error(message);
}

/**
 * Reads a short text from the network.
 *
 * @param url Its address.
 * @returns The text.
 */
export async function fetchText(url: string): Promise<string> {
    return (await run("curl", [...curlOptions(30), url])).stdout;
}

async function fetchTo(url: string, file: string): Promise<void> {
    await run("curl", [...curlOptions(TOTAL_LIMIT), "--output", file, url]);
}

/** Curl, because it honours the proxies and certificate authorities that the user set up for it. */
function curlOptions(totalLimit: number): string[] {
    return [
        ...["--fail", "--silent", "--show-error", "--location", "--retry", "2"],
        ...["--connect-timeout", String(CONNECT_LIMIT), "--max-time", String(totalLimit)],
    ];
}

async function assertSha256(file: string, wanted: string): Promise<void> {
    const hash = createHash("sha256");
    await pipeline(createReadStream(file), hash);
    const found = hash.digest("hex");
    if (found !== wanted) {
        throw new WrongChecksumError(`SHA-256 must be ${wanted}: got ${found}`);
    }
}

function lastLineOf(error: unknown): string {
    const message = reasonOf(error);
    return message.split("\n").at(-1) ?? message;
}
