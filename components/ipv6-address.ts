import { BlockList, isIPv6, SocketAddress } from "node:net";

const GLOBAL_UNICAST = new BlockList();
GLOBAL_UNICAST.addSubnet("2000::", 3, "ipv6");

/**
 * Whether clients anywhere may be told this address: global unicast (RFC 4291), in the one form that
 * RFC 5952 asks for, because DNS providers would show another one as a change.
 *
 * @param address Text from the configuration.
 * @returns True when they may.
 */
export function isPublicIpv6(address: string): boolean {
    return (
        isIPv6(address) && GLOBAL_UNICAST.check(address, "ipv6") && shortIpv6(address) === address
    );
}

/**
 * Writes an address as people do, and as RFC 5952 asks for.
 *
 * @param address An IPv6 address in any form.
 * @returns The same, such as `2001:db8::7`.
 * @throws {TypeError} If it is none.
 */
export function shortIpv6(address: string): string {
    return new SocketAddress({ address, family: "ipv6" }).address;
}
