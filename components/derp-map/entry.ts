import { parseCertificate, pinOf } from "../certificates/certificate";
import { type PortSettings, STANDARD_PORTS } from "../ports";
import type { RegionId } from "./region-id";
import type { DerpNode, DerpRegionEntry } from "./types";

/** What of a relay its entry in the derpMap tells. */
export interface EntrySettings {
    /** From 900 to 999. */
    readonly regionId: RegionId;
    /** Short code. */
    readonly regionCode: string;
    /** Name that people read. */
    readonly regionName: string;
    /** Whether clients are to have their home elsewhere. */
    readonly noMeasureNoHome?: boolean | undefined;
    /** DNS name; absent when clients dial the address. */
    readonly hostname?: string | undefined;
    /** Ports that the relay listens on. */
    readonly ports: PortSettings;
    /** Certificate that the relay serves, in PEM; undefined when it orders that itself. */
    readonly certificate?: string | undefined;
}

/** Where clients dial a relay. */
export interface RelayAddresses {
    /** Its IPv4 address. */
    readonly ipv4: string;
    /** Its IPv6 address, if it has one. */
    readonly ipv6?: string | undefined;
}

/**
 * The entry of a region with one relay.
 *
 * @param settings What the relay was configured with.
 * @param addresses Where clients dial it.
 * @returns The entry; values that clients assume by themselves are left out.
 */
export function toEntry(settings: EntrySettings, addresses: RelayAddresses): DerpRegionEntry {
    const { regionId, regionCode, regionName } = settings;
    return {
        RegionID: regionId,
        RegionCode: regionCode,
        RegionName: regionName,
        ...(settings.noMeasureNoHome === true ? { NoMeasureNoHome: true } : {}),
        Nodes: [toNode(settings, addresses)],
    };
}

function toNode(
    { regionId, hostname, ports, certificate }: EntrySettings,
    { ipv4, ipv6 }: RelayAddresses,
): DerpNode {
    const parsed = certificate === undefined ? undefined : parseCertificate(certificate);
    return {
        Name: `${String(regionId)}a`,
        RegionID: regionId,
        HostName: hostname ?? ipv4,
        ...(parsed?.selfSigned === true ? { CertName: pinOf(parsed.leaf) } : {}),
        IPv4: ipv4,
        ...(ipv6 === undefined ? {} : { IPv6: ipv6 }),
        ...portsOf(ports),
    };
}

function portsOf({ derp, stun, http }: PortSettings): Partial<DerpNode> {
    return {
        ...(derp === STANDARD_PORTS.derp ? {} : { DERPPort: derp }),
        ...(stun === STANDARD_PORTS.stun ? {} : { STUNPort: stun }),
        ...(http === STANDARD_PORTS.http ? { CanPort80: true } : {}),
    };
}
