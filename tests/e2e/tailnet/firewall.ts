import type { DerpMap } from "../../../components/derp-map/types";

/** Standard port of STUN. */
const STUN = 3478;

/** What a client may hear from. */
export interface Reachable {
    /** Address of the control plane. */
    readonly control: string;
    /** Port of the control plane. */
    readonly controlPort: number;
    /** Its relays. */
    readonly derpMap: DerpMap;
}

/** Name of the table, and of the counter of what it kept out. */
export const TABLE = "relay_only";
const COUNTER = "cut";

/**
 * Firewall of a client that hears from the control plane and its relays, and from nobody else.
 *
 * It drops what arrives, not what leaves, as a network on the way does: a drop on the way out is
 * reported to the sender as EPERM, and tailscaled then opens its sockets anew, again and again.
 * Both clients have it, so that nothing passes in either direction.
 *
 * @param reachable What the client may hear from.
 * @param tunnel Name of the client's tunnel, whose traffic is let in.
 * @returns Text for `nft -f`; replaces an older one in one step.
 */
export function renderFirewall(
    { control, controlPort, derpMap }: Reachable,
    tunnel: string,
): string {
    const nodes = Object.values(derpMap.Regions).flatMap((region) => region.Nodes);
    return [
        `table inet ${TABLE} {}`,
        `delete table inet ${TABLE}`,
        `table inet ${TABLE} {`,
        `    counter ${COUNTER} {}`,
        "    chain input {",
        "        type filter hook input priority filter; policy drop;",
        `        iifname { "lo", "${tunnel}" } accept`,
        `        ip saddr ${control} tcp sport ${String(controlPort)} accept`,
        ...nodes.flatMap(({ IPv4, STUNPort }) => [
            `        ip saddr ${IPv4} udp sport ${String(STUNPort ?? STUN)} accept`,
            `        ip saddr ${IPv4} ip protocol { tcp, icmp } accept`,
        ]),
        `        counter name ${COUNTER} drop`,
        "    }",
        "}",
        "",
    ].join("\n");
}

/**
 * Reads how many packets a client's firewall kept out.
 *
 * @param json What `nft --json list counters` printed.
 * @returns Number of packets since the firewall was last replaced.
 * @throws {Error} If there is no such counter.
 */
export function parseCutPackets(json: string): number {
    const { nftables } = JSON.parse(json) as {
        nftables: readonly { counter?: { name: string; packets: number } }[];
    };
    const found = nftables.find(({ counter }) => counter?.name === COUNTER)?.counter;
    if (found === undefined) {
        throw new Error(`nft must list the counter ${COUNTER}: got ${json}`);
    }
    return found.packets;
}
