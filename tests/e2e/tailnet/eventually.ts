import { setTimeout as sleep } from "node:timers/promises";
import { reasonOf } from "../../../components/reason-of";

/** How an outcome is waited for. */
export interface Patience {
    /** What is waited for, as the end of "waited for". */
    readonly what: string;
    /** When to give up, in milliseconds. */
    readonly timeoutMs: number;
    /** Pause between two attempts, in milliseconds. */
    readonly pauseMs?: number;
}

/** Tells {@link eventually} that a further attempt is of no use. */
export class HopelessError extends Error {}

/**
 * Tries until an attempt succeeds.
 *
 * @param attempt Rejects while it is too early.
 * @param patience How long, and for what.
 * @returns What the attempt returned that succeeded.
 * @throws {Error} If none did in time, with the reason of the last one; at once if an attempt
 * throws a {@link HopelessError}.
 */
export async function eventually<T>(
    attempt: () => Promise<T>,
    { what, timeoutMs, pauseMs = 250 }: Patience,
): Promise<T> {
    const end = Date.now() + timeoutMs;
    for (;;) {
        try {
            return await attempt();
        } catch (error) {
            if (error instanceof HopelessError) {
                throw error;
            }
            if (Date.now() + pauseMs >= end) {
                const reason = reasonOf(error);
                throw new Error(
                    `waited ${String(timeoutMs / 1000)} s for ${what} in vain: ${reason}`,
                    { cause: error },
                );
            }
            await sleep(pauseMs);
        }
    }
}
