import { readFile } from "node:fs/promises";

import { ensureDebianPackages } from "../../../components/host/packages";
import type { Client } from "./client";
import { eventually } from "./eventually";

/** Time between two pings, in seconds. */
const INTERVAL = 0.2;

/** What became of pings that went on for a while. */
export interface PingReport {
    /** How many were sent. */
    readonly sent: number;
    /** How many of them were not answered. */
    readonly lost: number;
    /** The longest run of them without an answer. */
    readonly lostInARow: number;
    /** How long that run was, in seconds. */
    readonly longestGap: number;
}

/**
 * Pings from one client to another until it is told to stop.
 *
 * @param from Who pings.
 * @param to Who answers.
 * @param file Where the answers are kept.
 * @returns Stops it, and reports.
 */
export async function watchPings(
    from: Client,
    to: Client,
    file: string,
): Promise<() => Promise<PingReport>> {
    await ensureDebianPackages({ ping: "iputils-ping" });
    const script = 'ping -n -O -i "$1" "$2" >"$3" 2>&1 & echo $!';
    const args = ["-c", script, "sh", String(INTERVAL), to.ipv4, file];
    const pid = (await from.exec("sh", args)).stdout.trim();
    return async () => {
        await from.exec("kill", ["-INT", pid]);
        const summary = /^(\d+) packets transmitted/m;
        return eventually(
            async () => {
                const text = await readFile(file, "utf8");
                const sent = Number(summary.exec(text)?.[1] ?? Number.NaN);
                if (Number.isNaN(sent)) throw new Error("it has printed no summary");
                return reportOf(text, sent);
            },
            { what: "ping to end", timeoutMs: 10_000 },
        );
    };
}

function reportOf(text: string, sent: number): PingReport {
    const answered = [...text.matchAll(/bytes from .*icmp_seq=(\d+) /g)].map(([, seq]) =>
        Number(seq),
    );
    const ends = [0, ...answered, sent + 1];
    const gaps = ends.slice(1).map((seq, index) => seq - (ends[index] ?? 0) - 1);
    const lostInARow = Math.max(...gaps);
    return {
        sent,
        lost: sent - answered.length,
        lostInARow,
        longestGap: Number((lostInARow * INTERVAL).toFixed(1)),
    };
}
