import { shortIpv6 } from "../../ipv6-address";

/** Addresses of a network with one machine, out of the way of what users have. */
export const VPC = "10.64.0.0/16";

/**
 * Addresses of a zone's part of the network: when a machine moves to another zone, both parts exist for a while.
 *
 * @param zone The zone.
 * @returns Its /24 in CIDR notation.
 */
export function subnetOf(zone: string): string {
    return `10.64.${String(numberOf(zone))}.0/24`;
}

/**
 * The same in IPv6.
 *
 * @param range What the network has, a /56 in CIDR notation.
 * @param zone The zone.
 * @returns Its /64 in CIDR notation.
 */
export function ipv6SubnetOf(range: string, zone: string): string {
    // What follows the first 64 bits is zero, and no other run of zeros is as long.
    const [first = ""] = shortIpv6(range.replace(/\/.*/, "")).split("::");
    const [a = "0", b = "0", c = "0", d = "0"] = first.split(":");
    const part = (parseInt(d, 16) + numberOf(zone)).toString(16);
    return `${shortIpv6([a, b, c, part, "", ""].join(":"))}/64`;
}

/**
 * Number of a zone's part of the network.
 *
 * @param zone The zone.
 * @returns From 0 to 255, another one for another zone of the region.
 */
export function numberOf(zone: string): number {
    return parseInt(zone.split("-").at(-1) ?? "", 36) % 256;
}
