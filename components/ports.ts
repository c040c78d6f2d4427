/** The ports that a relay was configured with. */
export interface PortSettings {
    /** TCP port of DERP over TLS. */
    readonly derp: number;
    /** UDP port of STUN. */
    readonly stun: number;
    /** TCP port of plain HTTP; -1 for none. */
    readonly http: number;
    /** TCP port on which the order of a certificate is answered, while there is one. */
    readonly challenge?: number | undefined;
}

/**
 * Ports that clients assume when the derpMap names none, and the defaults of the configuration.
 *
 * @see https://github.com/tailscale/tailscale/blob/v1.102.5/tailcfg/derpmap.go
 */
export const STANDARD_PORTS = { derp: 443, stun: 3478, http: 80 } as const satisfies PortSettings;

/** Port of HTTP-01, which nobody can choose. */
export const CHALLENGE_PORT = 80;

/** Port of SSH on machines that a cloud makes. */
export const SSH_PORT = 22;

/** A way into a machine that its cloud's firewall must leave open; everything else is closed. */
export interface OpenPort {
    /** Transport protocol, or `icmp` for echo requests, whichever kind of ICMP the source speaks. */
    readonly protocol: "tcp" | "udp" | "icmp";
    /** Port number; undefined for `icmp`. */
    readonly port?: number;
    /** Ranges of IPv4 and IPv6 that may use it. */
    readonly sources: readonly string[];
    /** What uses it, in ASCII: shown in the clouds' consoles. */
    readonly purpose: string;
}

/** Everybody who speaks IPv4. */
export const EVERYBODY4 = "0.0.0.0/0";
/** Everybody who speaks IPv6. */
export const EVERYBODY6 = "::/0";

/** Who may come to a machine, beside its relay's ports. */
export interface OpenTo {
    /** IPv4 ranges that may connect over SSH; none without SSH. */
    readonly sshFrom?: readonly string[] | undefined;
    /** Whether clients come over IPv6 as well. */
    readonly ipv6?: boolean | undefined;
}

/**
 * The one table of ports: what the firewall around a relay's machine must let in.
 *
 * @param ports The ports that the relay was configured with.
 * @param to Who may come.
 * @param to.sshFrom IPv4 ranges that may connect over SSH.
 * @param to.ipv6 Whether clients come over IPv6 as well.
 * @returns Every port, in an order that stays.
 */
export function openPorts(
    { derp, stun, http, challenge }: PortSettings,
    { sshFrom = [], ipv6 = false }: OpenTo = {},
): readonly OpenPort[] {
    const sources = ipv6 ? [EVERYBODY4, EVERYBODY6] : [EVERYBODY4];
    return [
        { protocol: "tcp", port: derp, sources, purpose: "DERP over TLS" },
        { protocol: "udp", port: stun, sources, purpose: "STUN" },
        // netcheck falls back to ping where UDP is filtered, and path MTU discovery needs its answers.
        { protocol: "icmp", sources, purpose: "ping" },
        ...(http === -1
            ? []
            : [
                  {
                      protocol: "tcp" as const,
                      port: http,
                      sources,
                      purpose: "captive-portal check",
                  },
              ]),
        ...(challenge === undefined
            ? []
            : [
                  {
                      protocol: "tcp" as const,
                      port: challenge,
                      sources,
                      purpose: "orders of certificates",
                  },
              ]),
        ...(sshFrom.length === 0
            ? []
            : [{ protocol: "tcp" as const, port: SSH_PORT, sources: sshFrom, purpose: "SSH" }]),
    ];
}
