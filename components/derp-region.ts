import * as pulumi from "@pulumi/pulumi";

import { parseCertificate, pinOf } from "./certificates/certificate";
import {
    type Payload,
    payloadDigest,
    renderArchive,
    renderPayload,
    renderUserData,
} from "./cloud-init/payload";
import { toEntry } from "./derp-map/entry";
import type { RegionId } from "./derp-map/region-id";
import type { DerpRegionEntry } from "./derp-map/types";
import type { Driver } from "./drivers/driver";
import { driverFor, type Place } from "./drivers/index";
import type { PortSettings } from "./ports";
import { RelayCheck } from "./relay-check/relay-check";
import { VERSIONS } from "./versions";

/** Arguments of {@link DerpRegion}. All but the private key are shown in previews. */
export interface DerpRegionArgs {
    /** ID from 900 to 999, unique in the tailnet. Changing it needs the new derpMap published. */
    readonly regionId: RegionId;
    /** Code that `tailscale netcheck` prints. Changing it changes the derpMap only. */
    readonly regionCode: string;
    /** Name that people read. Changing it changes the derpMap only. */
    readonly regionName: string;
    /** DNS name; without one clients dial the address. Changing it restarts the relay. */
    readonly hostname?: string | undefined;
    /** Where the relay runs. Changing it replaces the machine. */
    readonly place: Place;
    /** Ports that the relay listens on. Changing one restarts the relay. */
    readonly ports: PortSettings;
    /** How the relay proves who it is. Changing it restarts the relay. */
    readonly certificate: {
        /** `provided`: the certificate and key below. */
        readonly mode: "provided";
        /** Certificate in PEM. */
        readonly certificate: string;
        /** Its private key in PEM: always kept as a secret, and never an input in a preview. */
        readonly privateKey: pulumi.Input<string>;
    };
    /** Which clients may use the relay. Changing it restarts the relay. */
    readonly verify: { readonly mode: "none" } | { readonly mode: "url"; readonly url: string };
    /** Outgoing bandwidth in Mbit/s; undefined for no limit. Changing it restarts the relay. */
    readonly bandwidthMbps?: number | undefined;
    /** Version of derper. Changing it builds the new one, then restarts the relay. */
    readonly derperVersion: string;
    /** Go module proxies for the next build. Changing it restarts nothing. */
    readonly goProxies: readonly string[];
}

/**
 * A self-hosted DERP region: one relay machine and its entry in the derpMap.
 *
 * @example
 * ```ts
 * const [settings] = loadRegions();
 * const hangzhou = new DerpRegion("hangzhou", settings);
 * export const derpMap = hangzhou.entry.apply((entry) => mergeEntries([entry]));
 * ```
 */
export class DerpRegion extends pulumi.ComponentResource {
    /** The region's entry for the derpMap; resolves when the relay has answered. */
    public readonly entry: pulumi.Output<DerpRegionEntry>;

    public constructor(name: string, args: DerpRegionArgs, opts?: pulumi.ComponentResourceOptions) {
        super("derp:index:DerpRegion", name, visibleInputs(args), opts);
        const child = { parent: this };
        const driver = driverFor(args.place);
        const address = driver.createAddress(name, child);
        const { archive, digest } = this.pack(driver, args, address);
        const machine = driver.createMachine({ name, address, archive, digest }, child);
        const entry = address.apply((ipv4) =>
            toEntry({ ...args, certificate: args.certificate.certificate }, ipv4),
        );
        const node = entry.apply(firstNode);
        const check = new RelayCheck(name, { node, machineId: machine.id, digest }, child);
        this.entry = pulumi.all([entry, check.id]).apply(([value]) => value);
        this.registerOutputs({ entry: this.entry });
    }

    /** Renders what the machine is to run. */
    private pack(driver: Driver, args: DerpRegionArgs, address: pulumi.Output<string>) {
        const { privateKey } = args.certificate;
        if (typeof privateKey === "string") {
            // Before anything exists, with the longest address.
            renderChecked(driver, args, toPayload(args, "255.255.255.255", privateKey));
        }
        const payload = pulumi
            .all([address, pulumi.secret(privateKey)])
            .apply(([ipv4, key]) => toPayload(args, ipv4, key));
        const archive = payload.apply((files) => renderChecked(driver, args, files));
        return { archive, digest: pulumi.unsecret(payload.apply(payloadDigest)) };
    }
}

/** Packs a payload, in base64, and checks that the place accepts it. */
function renderChecked(driver: Driver, { regionName }: DerpRegionArgs, payload: Payload): string {
    const archive = renderArchive(payload);
    const size = Buffer.byteLength(renderUserData(archive));
    if (size > driver.userDataLimit) {
        throw new pulumi.RunError(
            `the user data of region ${regionName} must be at most ` +
                `${String(driver.userDataLimit)} bytes: got ${String(size)}. ` +
                "Use a shorter certificate chain or an ECDSA key.",
        );
    }
    return Buffer.from(archive).toString("base64");
}

function firstNode({ Nodes: [node] }: DerpRegionEntry) {
    if (node === undefined) {
        throw new Error("a region must have a node");
    }
    return node;
}

/** What a preview shows of the arguments: everything that people care about, and no secret. */
function visibleInputs(args: DerpRegionArgs) {
    const parsed = parseCertificate(args.certificate.certificate);
    return {
        ...args,
        certificate: {
            mode: args.certificate.mode,
            ...(parsed === undefined
                ? {}
                : { sha256: pinOf(parsed.leaf), validTo: parsed.leaf.validTo }),
        },
    };
}

function toPayload(args: DerpRegionArgs, address: string, privateKeyPem: string): Payload {
    const { derp, stun, http } = args.ports;
    return renderPayload({
        hostname: args.hostname ?? address,
        ports: { derp, stun, ...(http === -1 ? {} : { http }) },
        certificate: { certificatePem: args.certificate.certificate, privateKeyPem },
        verify: args.verify,
        ...(args.bandwidthMbps === undefined ? {} : { bandwidthMbps: args.bandwidthMbps }),
        derperVersion: args.derperVersion,
        goVersion: VERSIONS.go,
        goZipSha256: VERSIONS.goZipSha256,
        goProxies: args.goProxies,
    });
}
