import { isIPv6 } from "node:net";

import type { DerpNode } from "../derp-map/types";
import { STANDARD_PORTS } from "../ports";
import { reasonOf } from "../reason-of";

/** What a probe found: a fact worth telling, or why it failed. */
export type ProbeResult =
    | {
          readonly ok: true;
          readonly detail: string;
          readonly warning?: boolean;
          /** Nothing is wrong, but nothing was found out either. */
          readonly skipped?: boolean;
          /** When what was found comes to its end. */
          readonly expires?: Date;
      }
    | { readonly ok: false; readonly reason: string };

/** Asks a relay one thing from outside, within a time limit in milliseconds. */
export type Probe = (node: DerpNode, timeoutMs: number) => Promise<ProbeResult>;

/** The same at one of the relay's addresses, its IPv4 address when none is named. */
export type ProbeAt = (node: DerpNode, timeoutMs: number, address?: string) => Promise<ProbeResult>;

/**
 * Runs a probe's work and turns what it throws into a failure.
 *
 * @param work Returns the fact to tell.
 * @returns The result.
 */
export async function probing(work: () => Promise<ProbeResult>): Promise<ProbeResult> {
    try {
        return await work();
    } catch (error) {
        return { ok: false, reason: reasonOf(error) };
    }
}

/**
 * Waits for an answer, but not for ever.
 *
 * @param timeoutMs Limit in milliseconds.
 * @param what What did not come in time, for the error.
 * @param start Starts the work; calls one of the two once, with the answer or an error.
 * @param stop Frees what the work holds, whatever happened.
 * @returns The answer.
 * @throws {Error} If the work failed or took too long.
 */
export function within<T>(
    timeoutMs: number,
    what: string,
    start: (resolve: (value: T) => void, reject: (error: Error) => void) => void,
    stop: () => void = () => undefined,
): Promise<T> {
    let timer: NodeJS.Timeout | undefined;
    const answer = new Promise<T>((resolve, reject) => {
        timer = setTimeout(() => {
            reject(new Error(`${what} within ${String(timeoutMs / 1000)} s`));
        }, timeoutMs);
        start(resolve, reject);
    });
    return answer.finally(() => {
        clearTimeout(timer);
        stop();
    });
}

/**
 * Writes an address and a port as people read them.
 *
 * @param address IPv4 or IPv6.
 * @param port The port.
 * @returns Text such as `192.0.2.1:443` or `[2001:db8::1]:443`.
 */
export function withPort(address: string, port: number): string {
    return `${isIPv6(address) ? `[${address}]` : address}:${String(port)}`;
}

/**
 * TCP port of DERP.
 *
 * @param node The relay.
 * @returns The port that clients dial.
 */
export function derpPort(node: DerpNode): number {
    return node.DERPPort ?? STANDARD_PORTS.derp;
}

/**
 * UDP port of STUN.
 *
 * @param node The relay.
 * @returns The port that clients ask.
 */
export function stunPort(node: DerpNode): number {
    return node.STUNPort ?? STANDARD_PORTS.stun;
}
