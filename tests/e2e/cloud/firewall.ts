/** A rule of a cloud's security group: what it lets in. */
export interface IngressRule {
    readonly protocol: "tcp" | "udp" | "icmp";
    /** Port; undefined for `icmp`. */
    readonly port?: number;
    /** Range of IPv4 or IPv6 that may use it. */
    readonly cidr: string;
}

/** A machine as its cloud's network sees it. */
export interface CloudNode {
    /** Its address in the cloud's private network. */
    readonly privateAddress: string;
    /** Elastic address that is bound to it. */
    readonly publicAddress?: string | undefined;
    /** Whether its image asks the cloud for an IPv6 address. */
    readonly asksForIpv6: boolean;
    /** IPv6 address of its own that the internet reaches. */
    readonly ipv6Address?: string | undefined;
    readonly rules: readonly IngressRule[];
}

/** Table of nftables that plays the clouds' network. */
export const CLOUD_TABLE = "derp_e2e_cloud";

/**
 * Renders the clouds' network as rules of the host: an elastic address is translated to the machine's
 * private one as far as its security group lets it, and a machine without one reaches nothing outside. Over IPv6, which
 * only this host speaks, what its security group does not let in ends here.
 *
 * @param nodes All machines.
 * @param subnet Private network that they are in.
 * @returns Text for `nft -f`, which replaces the table in one step.
 */
export function renderCloudTable(nodes: readonly CloudNode[], subnet: string): string {
    const translations = nodes.flatMap(translate);
    const bound = nodes.filter(({ publicAddress }) => publicAddress !== undefined);
    const publicAddresses = bound.map(({ publicAddress = "" }) => publicAddress);
    return [
        `table ip ${CLOUD_TABLE} {}`,
        `delete table ip ${CLOUD_TABLE}`,
        `table ip ${CLOUD_TABLE} {`,
        chain("prerouting", "nat hook prerouting priority dstnat", translations),
        chain("output", "nat hook output priority -100", translations),
        chain("input", "filter hook input priority 0", [
            // What was not translated ends here, and must not meet the host's own services.
            ...list("ip daddr", publicAddresses, "ct direction original drop"),
        ]),
        chain("forward", "filter hook forward priority 0", [
            "ct state established,related accept",
            "ct status dnat accept",
            ...list(
                "ip saddr",
                bound.map(({ privateAddress }) => privateAddress),
                "accept",
            ),
            `ip saddr ${subnet} drop`,
            `ip daddr ${subnet} drop`,
        ]),
        "}",
        `table ip6 ${CLOUD_TABLE} {}`,
        `delete table ip6 ${CLOUD_TABLE}`,
        `table ip6 ${CLOUD_TABLE} {`,
        chain("output", "filter hook output priority 0", [
            "ct state established,related accept",
            "icmpv6 type { nd-neighbor-solicit, nd-neighbor-advert } accept",
            ...nodes.flatMap(filter),
        ]),
        "}",
        "",
    ].join("\n");
}

function filter({ ipv6Address, rules }: CloudNode): string[] {
    if (ipv6Address === undefined) {
        return [];
    }
    const own = rules.filter(({ cidr }) => cidr.includes(":"));
    return [
        ...own.map(({ protocol, port, cidr }) => {
            const match =
                port === undefined
                    ? "icmpv6 type echo-request"
                    : `${protocol} dport ${String(port)}`;
            return `ip6 saddr ${cidr} ip6 daddr ${ipv6Address} ${match} accept`;
        }),
        `ip6 daddr ${ipv6Address} drop`,
    ];
}

function translate({ privateAddress, publicAddress, rules }: CloudNode): string[] {
    if (publicAddress === undefined) {
        return [];
    }
    const own = rules.filter(({ cidr }) => !cidr.includes(":"));
    return own.map(({ protocol, port, cidr }) => {
        const match =
            port === undefined ? "icmp type echo-request" : `${protocol} dport ${String(port)}`;
        return `ip saddr ${cidr} ip daddr ${publicAddress} ${match} dnat to ${privateAddress}`;
    });
}

function list(key: string, addresses: readonly string[], action: string): string[] {
    return addresses.length === 0 ? [] : [`${key} { ${addresses.join(", ")} } ${action}`];
}

function chain(name: string, kind: string, rules: readonly string[]): string {
    const lines = [`type ${kind}; policy accept;`, ...rules].map((line) => `        ${line}`);
    return [`    chain ${name} {`, ...lines, "    }"].join("\n");
}
