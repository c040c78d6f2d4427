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
 * Number of a zone's part of the network.
 *
 * @param zone The zone.
 * @returns From 0 to 255, another one for another zone of the region.
 */
export function numberOf(zone: string): number {
    return parseInt(zone.split("-").at(-1) ?? "", 36) % 256;
}
