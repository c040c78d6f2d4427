import { setTimeout as sleep } from "node:timers/promises";

import type { DerpNode } from "../derp-map/types";
import { probeDerp } from "./derp";
import { probeLatencyPath } from "./http";
import { overIpv6 } from "./ipv6";
import { derpPort, type Probe } from "./probe";
import { probeStun } from "./stun";
import { probeTcp } from "./tcp";
import { probeTls } from "./tls";

/** All that a client needs, each after what it depends on. */
const PROBES: readonly Probe[] = [
    ...[probeTcp, probeTls, probeLatencyPath, probeDerp, probeStun],
    ...[overIpv6(probeDerp), overIpv6(probeStun)],
];
const PROBE_LIMIT = 5000;
const PAUSE = 500;

/** How to wait. */
export interface WaitOptions {
    /** How long to wait, in milliseconds. */
    readonly timeoutMs: number;
    /** Called with the reason when it changes from one attempt to the next. */
    readonly onAttempt?: (reason: string) => void;
}

/**
 * Waits until a relay answers all that its clients will ask it.
 *
 * @param node The relay.
 * @param options How to wait.
 * @returns What could not be found out from here.
 * @throws {Error} If it does not in time; names the relay and the last reason.
 */
export async function waitUntilServing(
    node: DerpNode,
    options: WaitOptions,
): Promise<readonly string[]> {
    const deadline = Date.now() + options.timeoutMs;
    let told = "";
    for (;;) {
        const { reason, skipped } = await askAll(node);
        if (reason === undefined) {
            return skipped;
        }
        if (reason !== told) {
            told = reason;
            options.onAttempt?.(reason);
        }
        if (Date.now() > deadline) {
            const where = `${node.HostName} (${node.IPv4}:${String(derpPort(node))})`;
            const limit = String(Math.round(options.timeoutMs / 1000));
            throw new Error(`the relay ${where} must serve within ${limit} s: ${reason}`);
        }
        await sleep(PAUSE);
    }
}

/** Asks until something is wrong. */
async function askAll(
    node: DerpNode,
): Promise<{ readonly reason?: string; readonly skipped: readonly string[] }> {
    const skipped = new Set<string>();
    for (const probe of PROBES) {
        const result = await probe(node, PROBE_LIMIT);
        if (!result.ok) {
            return { reason: result.reason, skipped: [] };
        }
        if (result.skipped === true) skipped.add(result.detail);
    }
    return { skipped: [...skipped] };
}
