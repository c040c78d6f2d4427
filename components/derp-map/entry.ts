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

/**
 * The entry of a region with one relay.
 *
 * @param settings What the relay was configured with.
 * @param address Its IPv4 address.
 * @returns The entry; values that clients assume by themselves are left out.
 */
export function toEntry(settings: EntrySettings, address: string): DerpRegionEntry {
    const { regionId, regionCode, regionName } = settings;
    return {
        RegionID: regionId,
        RegionCode: regionCode,
        RegionName: regionName,
        ...(settings.noMeasureNoHome === true ? { NoMeasureNoHome: true } : {}),
        Nodes: [toNode(settings, address)],
    };
}

function toNode(
    { regionId, hostname, ports, certificate }: EntrySettings,
    address: string,
): DerpNode {
    const parsed = certificate === undefined ? undefined : parseCertificate(certificate);
    return {
        Name: `${String(regionId)}a`,
        RegionID: regionId,
        HostName: hostname ?? address,
        ...(parsed?.selfSigned === true ? { CertName: pinOf(parsed.leaf) } : {}),
        IPv4: address,
        ...(ports.derp === STANDARD_PORTS.derp ? {} : { DERPPort: ports.derp }),
        ...(ports.stun === STANDARD_PORTS.stun ? {} : { STUNPort: ports.stun }),
        ...(ports.http === STANDARD_PORTS.http ? { CanPort80: true } : {}),
    };
}
