import { directPath, netcheckShows, pingViaRelay } from "./checks";
import type { Client } from "./client";
import { transfer } from "./transfer";

/** What two clients had of a relay. */
interface Traffic {
    /** What `tailscale ping` printed, one way and the other. */
    readonly pings: readonly string[];
    /** Address by which one reaches the other without a relay; undefined for none. */
    readonly direct: string | undefined;
    /** Bytes of the files that arrived whole, one way and the other. */
    readonly bytes: readonly number[];
    /** The region's line of `tailscale netcheck`. */
    readonly netcheck: string;
}

/**
 * Has two clients do with a relay what it is there for: the same wherever the relay is.
 *
 * @param clients The clients.
 * @param code Code of the relay's region.
 * @param megabytes Size of the files that they send, in millions of bytes: relays in clouds have a limit.
 * @returns What they had of it.
 * @throws {Error} If one does not reach the other, or a file does not arrive as it was sent.
 */
export async function carryTraffic(
    [a, b]: readonly [Client, Client],
    code: string,
    megabytes: number,
): Promise<Traffic> {
    const pings = [await pingViaRelay(a, b, code), await pingViaRelay(b, a, code)];
    const sent = [await transfer(a, b, megabytes), await transfer(b, a, megabytes)];
    const netcheck = await netcheckShows(a, code);
    for (const line of [...pings, ...sent.map((each) => JSON.stringify(each)), netcheck]) {
        process.stderr.write(`  ${line}\n`);
    }
    return {
        pings,
        direct: await directPath(a, b),
        bytes: sent.map(({ bytes }) => bytes),
        netcheck,
    };
}

/**
 * What {@link carryTraffic} has to find.
 *
 * @param code Code of the relay's region.
 * @param name Name of the region.
 * @param megabytes Size of the files, in millions of bytes.
 * @returns For `toEqual`.
 */
export function allTraffic(code: string, name: string, megabytes: number): Traffic {
    const pong = expect.stringMatching(
        new RegExp(`^pong from \\S+ \\([0-9.]+\\) via DERP\\(${code}\\) in `),
    ) as string;
    const bytes = megabytes * 1_000_000;
    return {
        pings: [pong, pong],
        direct: undefined,
        bytes: [bytes, bytes],
        netcheck: expect.stringContaining(name) as string,
    };
}
