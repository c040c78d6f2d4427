import type { Client } from "./client";
import { eventually, HopelessError } from "./eventually";
import { findNetcheckLine, parsePing } from "./output";

/** How long clients get to find each other through a relay, in milliseconds. */
const PATIENCE = 60_000;

/**
 * Waits until one client answers another's ping through a relay.
 *
 * @param from Who pings.
 * @param to Who answers.
 * @param regionCode Code of the region that the relay is in.
 * @param timeoutMs When to give up.
 * @returns The line that `tailscale ping` printed.
 * @throws {Error} If there is no answer by that region in time, and at once if there is one
 * without any relay.
 */
export async function pingViaRelay(
    from: Client,
    to: Client,
    regionCode: string,
    timeoutMs = PATIENCE,
): Promise<string> {
    const attempt = async () => {
        const text = await from.tailscale(
            ...["ping", "--until-direct=false", "-c", "1", "--timeout", "2s", to.ipv4],
        );
        const answers = parsePing(text);
        const direct = answers.find(({ via }) => via === "direct");
        if (direct !== undefined) {
            throw new HopelessError(`clients must not reach each other directly: ${direct.line}`);
        }
        const answer = answers.find((each) => each.via === "relay" && each.code === regionCode);
        if (answer === undefined) {
            throw new Error(`tailscale ping printed: ${text.trim()}`);
        }
        return answer.line;
    };
    return eventually(attempt, {
        what: `${to.name} to answer ${from.name} via DERP(${regionCode})`,
        timeoutMs,
    });
}

/**
 * Waits until a client measures a region.
 *
 * @param client The client.
 * @param regionCode Code of the region.
 * @param timeoutMs When to give up.
 * @returns The region's line of `tailscale netcheck`.
 * @throws {Error} If it does not show in time, with what netcheck printed.
 */
export async function netcheckShows(
    client: Client,
    regionCode: string,
    timeoutMs = PATIENCE,
): Promise<string> {
    const attempt = async () => {
        const text = await client.tailscale("netcheck");
        const line = findNetcheckLine(text, regionCode);
        if (line === undefined) {
            throw new Error(`tailscale netcheck printed: ${text.trim()}`);
        }
        return line;
    };
    return eventually(attempt, {
        what: `${client.name} to measure region ${regionCode}`,
        timeoutMs,
    });
}

/**
 * Tells by which address a client reaches another one directly.
 *
 * @param from The client.
 * @param to The other one.
 * @returns The address; undefined while there is no direct path.
 */
export async function directPath(from: Client, to: Client): Promise<string | undefined> {
    const { Peer = {} } = await from.status();
    const peer = Object.values(Peer).find(({ TailscaleIPs }) => TailscaleIPs.includes(to.ipv4));
    if (peer === undefined) {
        throw new Error(`${from.name} does not know ${to.name}`);
    }
    return peer.CurAddr === "" ? undefined : peer.CurAddr;
}
