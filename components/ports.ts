/** A port that clients must reach. */
export interface RelayPort {
    /** Transport protocol. */
    readonly protocol: "tcp" | "udp";
    /** Port number, the same inside and outside the machine. */
    readonly port: number;
    /** What uses it: shown in cloud consoles and by the doctor. */
    readonly purpose: string;
}

/** The ports that a relay was configured with. */
export interface PortSettings {
    /** TCP port of DERP over TLS. */
    readonly derp: number;
    /** UDP port of STUN. */
    readonly stun: number;
    /** TCP port of plain HTTP; -1 for none. */
    readonly http: number;
}

/**
 * The ports of a relay: the one list that firewalls read.
 *
 * @see https://github.com/tailscale/tailscale/blob/v1.102.5/cmd/derper/README.md
 * @param settings The configured ports.
 * @returns The ports to open.
 */
export function relayPorts({ derp, stun, http }: PortSettings): readonly RelayPort[] {
    const open: RelayPort[] = [
        { protocol: "tcp", port: derp, purpose: "DERP over TLS" },
        { protocol: "udp", port: stun, purpose: "STUN" },
    ];
    return http === -1
        ? open
        : [...open, { protocol: "tcp", port: http, purpose: "captive-portal check" }];
}
