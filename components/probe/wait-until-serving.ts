import { setTimeout as sleep } from "node:timers/promises";

import type { DerpNode } from "../derp-map/types";
import { probeDerp } from "./derp";
import { probeLatencyPath } from "./http";
import { derpPort, type Probe } from "./probe";
import { probeStun } from "./stun";
import { probeTcp } from "./tcp";
import { probeTls } from "./tls";

/** All that a client needs, each after what it depends on. */
const PROBES: readonly Probe[] = [probeTcp, probeTls, probeLatencyPath, probeDerp, probeStun];
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
 * @throws {Error} If it does not in time; names the relay and the last reason.
 */
export async function waitUntilServing(node: DerpNode, options: WaitOptions): Promise<void> {
    const deadline = Date.now() + options.timeoutMs;
    let told = "";
    for (;;) {
        const reason = await firstFailure(node);
        if (reason === undefined) {
            return;
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

async function firstFailure(node: DerpNode): Promise<string | undefined> {
    for (const probe of PROBES) {
        const result = await probe(node, PROBE_LIMIT);
        if (!result.ok) {
            return result.reason;
        }
    }
    return undefined;
}
