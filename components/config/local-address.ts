import { BlockList, isIPv4 } from "node:net";

const PRIVATE = new BlockList();
PRIVATE.addSubnet("10.0.0.0", 8);
PRIVATE.addSubnet("172.16.0.0", 12);
PRIVATE.addSubnet("192.168.0.0", 16);

/**
 * Whether a machine of the `local` place may have this address: private (RFC 1918), so never in
 * Tailscale's 100.64.0.0/10 nor in 198.18.0.0/15, which fake-IP proxies use; and neither the
 * bridge's own (`.1`) nor the network's or broadcast address of its /24.
 *
 * @param address Text from the configuration.
 * @returns True when it may.
 */
export function isLocalAddress(address: string): boolean {
    const host = Number(address.split(".").at(-1));
    return isIPv4(address) && PRIVATE.check(address) && host >= 2 && host <= 254;
}

/**
 * Address of a machine of the `local` place.
 *
 * @param regionId ID of its region, from 900 to 999, so that addresses are unique in a tailnet.
 * @param chosen The configured address, if there is one.
 * @returns That, or one from `10.90.0.100` to `10.90.0.199`.
 */
export function localAddress(regionId: number, chosen?: string): string {
    return chosen ?? `10.90.0.${String(regionId - 800)}`;
}
