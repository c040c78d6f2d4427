import { isIPv4 } from "node:net";

/**
 * Names of the namespaces of a tailnet. Each is also the name of the host's end of the link into
 * the namespace.
 *
 * @param name Prefix of all names.
 * @returns Those of the control plane, of client a and of client b.
 * @throws {Error} If the names would be too long for an interface.
 */
export function namespacesOf(name: string): [string, string, string] {
    if (!/^[a-z][a-z0-9]{0,10}$/.test(name)) {
        throw new Error(
            `name must be 1 to 11 lower-case letters and digits, as it becomes part of names of interfaces: got ${name}`,
        );
    }
    return [`${name}-ctl`, `${name}-a`, `${name}-b`];
}

/**
 * Reads the length of the prefix that the members of a bridge share.
 *
 * @param hostAddress Address with prefix length, such as `10.92.0.1/24`.
 * @returns The length.
 * @throws {Error} If it is not of that form.
 */
export function prefixLength(hostAddress: string): number {
    const [address = "", length = "", ...rest] = hostAddress.split("/");
    const bits = Number(length);
    if (!isIPv4(address) || rest.length > 0 || !/^\d+$/.test(length) || bits < 8 || bits > 30) {
        throw new Error(
            `hostAddress must be an IPv4 address with a prefix length such as 10.92.0.1/24: got ${hostAddress}`,
        );
    }
    return bits;
}
