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
    /** Transport protocol, or `icmp` for echo requests. */
    readonly protocol: "tcp" | "udp" | "icmp";
    /** Port number; undefined for `icmp`. */
    readonly port?: number;
    /** IPv4 ranges that may use it. */
    readonly sources: readonly string[];
    /** What uses it, in ASCII: shown in the clouds' consoles. */
    readonly purpose: string;
}

const EVERYBODY = ["0.0.0.0/0"] as const;

/**
 * The one table of ports: what the firewall around a relay's machine must let in.
 *
 * @param ports The ports that the relay was configured with.
 * @param sshFrom IPv4 ranges that may connect over SSH; none without SSH.
 * @returns Every port, in an order that stays.
 */
export function openPorts(
    { derp, stun, http, challenge }: PortSettings,
    sshFrom: readonly string[] = [],
): readonly OpenPort[] {
    return [
        { protocol: "tcp", port: derp, sources: EVERYBODY, purpose: "DERP over TLS" },
        { protocol: "udp", port: stun, sources: EVERYBODY, purpose: "STUN" },
        // netcheck falls back to ping where UDP is filtered, and path MTU discovery needs its answers.
        { protocol: "icmp", sources: EVERYBODY, purpose: "ping" },
        ...(http === -1
            ? []
            : [
                  {
                      protocol: "tcp" as const,
                      port: http,
                      sources: EVERYBODY,
                      purpose: "captive-portal check",
                  },
              ]),
        ...(challenge === undefined
            ? []
            : [
                  {
                      protocol: "tcp" as const,
                      port: challenge,
                      sources: EVERYBODY,
                      purpose: "orders of certificates",
                  },
              ]),
        ...(sshFrom.length === 0
            ? []
            : [{ protocol: "tcp" as const, port: SSH_PORT, sources: sshFrom, purpose: "SSH" }]),
    ];
}
