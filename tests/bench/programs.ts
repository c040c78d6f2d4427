import { createHash } from "node:crypto";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";

import { buildGoProgram } from "../../components/host/go";
import { VERSIONS } from "../../components/versions";

const FOLDER = join(__dirname, "derpload");

/**
 * Builds the derper that the machines build, once, for this host.
 *
 * @returns Its path.
 */
export function ensureDerper(): Promise<string> {
    return buildGoProgram({
        name: "derper",
        version: VERSIONS.tailscale,
        moduleFolder: FOLDER,
        package: "tailscale.com/cmd/derper",
    });
}

/**
 * Builds the program that puts load on relays, once for each state of its source.
 *
 * @returns Its path.
 */
export function ensureDerpload(): Promise<string> {
    const source = createHash("sha256");
    for (const name of readdirSync(FOLDER).sort()) source.update(readFileSync(join(FOLDER, name)));
    return buildGoProgram({
        name: "derpload",
        version: source.digest("hex").slice(0, 12),
        moduleFolder: FOLDER,
        package: ".",
    });
}

/** What `latency` of derpload prints. */
export interface Latency {
    readonly sent: number;
    readonly received: number;
    readonly p50Ms: number;
    readonly p99Ms: number;
    readonly bulkMbps: number;
}

/**
 * Reads what derpload printed.
 *
 * @param stdout Its standard output, whose last line is JSON.
 * @returns The value; the caller knows its type.
 */
export function parseOutput(stdout: string): unknown {
    return JSON.parse(stdout.trim().split("\n").at(-1) ?? "");
}

/**
 * The value in the middle, which a single disturbed round does not move.
 *
 * @param values One or more numbers.
 * @returns The median; of an even number of values the lower one of the two.
 */
export function median(values: readonly number[]): number {
    const sorted = [...values].sort((a, b) => a - b);
    return sorted[Math.floor((sorted.length - 1) / 2)] ?? Number.NaN;
}
