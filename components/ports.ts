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
 * Ports that clients assume when the derpMap names none, and the defaults of the configuration.
 *
 * @see https://github.com/tailscale/tailscale/blob/v1.102.5/tailcfg/derpmap.go
 */
export const STANDARD_PORTS = { derp: 443, stun: 3478, http: 80 } as const satisfies PortSettings;
