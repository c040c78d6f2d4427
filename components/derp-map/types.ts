import type { RegionId } from "./region-id";

/**
 * One relay of a region, as Tailscale's clients read it.
 *
 * @see https://github.com/tailscale/tailscale/blob/v1.102.5/tailcfg/derpmap.go
 */
export interface DerpNode {
    /** Unique over all regions of the map, such as `901a`. */
    readonly Name: string;
    /** ID of the region that the node belongs to. A node without it breaks clients. */
    readonly RegionID: RegionId;
    /** DNS name, or the IPv4 address of a relay without a name. */
    readonly HostName: string;
    /** `sha256-raw:<hex>` pins the DER of the one certificate that the relay serves. */
    readonly CertName?: string;
    /** Address that clients dial without asking DNS. */
    readonly IPv4: string;
    /** The same over IPv6; `none` where clients are not to try. Absent, clients ask DNS when there is a name. */
    readonly IPv6?: string;
    /** TCP port of DERP over TLS; absent means 443. */
    readonly DERPPort?: number;
    /** UDP port of STUN; absent means 3478. */
    readonly STUNPort?: number;
    /** Whether TCP port 80 answers the captive-portal check. */
    readonly CanPort80?: boolean;
}

/** A region: one or more relays in one place. */
export interface DerpRegionEntry {
    /** From 900 to 999. */
    readonly RegionID: RegionId;
    /** What `tailscale netcheck` and `tailscale status` print, such as `hgh`. */
    readonly RegionCode: string;
    /** What people read, such as `Hangzhou`. */
    readonly RegionName: string;
    /** Clients neither measure the region nor have their home there, but reach those that still do. */
    readonly NoMeasureNoHome?: boolean;
    /** The relays of the region. */
    readonly Nodes: readonly DerpNode[];
}

/** The `derpMap` of a tailnet policy file. */
export interface DerpMap {
    /** Regions by ID. */
    readonly Regions: Readonly<Record<string, DerpRegionEntry>>;
}
