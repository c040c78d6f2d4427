import * as pulumi from "@pulumi/pulumi";

import { createPinnedCertificate, type RelayCertificate } from "./certificates/pinned";
import { toEntry } from "./derp-map/entry";
import type { RegionId } from "./derp-map/region-id";
import type { DerpRegionEntry } from "./derp-map/types";
import { createRecords, type DnsSettings } from "./dns/record";
import { driverFor, type Place } from "./drivers/index";
import { CHALLENGE_PORT, type PortSettings } from "./ports";
import { RelayCheck } from "./relay-check/relay-check";
import { checkSize, packPayload } from "./region-payload";
import type { VerifySettings } from "./verify";
import { visibleInputs } from "./visible-inputs";

/**
 * Arguments of {@link DerpRegion}. All but secrets are shown in previews. What is applied to the machine, such as
 * whatever restarts the relay, replaces the machine at Tencent Cloud without `ssh`.
 */
export interface DerpRegionArgs {
    /** ID from 900 to 999, unique in the tailnet. Changing it needs the new derpMap published. */
    readonly regionId: RegionId;
    /** Code that `tailscale netcheck` prints. Changing it changes the derpMap only. */
    readonly regionCode: string;
    /** Name that people read. Changing it changes the derpMap only. */
    readonly regionName: string;
    /** Whether clients are to have their home elsewhere. Changing it changes the derpMap only. */
    readonly noMeasureNoHome?: boolean | undefined;
    /** DNS name; without one clients dial the address. Changing it restarts the relay, with another pin where there is one. */
    readonly hostname?: string | undefined;
    /** Where the relay runs. Another place replaces the machine and moves the address; what a key does, the place says. */
    readonly place: Place;
    /** Who holds the hostname's records; none when the user does. Changing it replaces the records. */
    readonly dns?: DnsSettings | undefined;
    /** Ports that the relay listens on. Changing one restarts the relay. */
    readonly ports: PortSettings;
    /** How the relay proves who it is. Changing it restarts the relay. */
    readonly certificate:
        | {
              /** `pinned`: a self-signed certificate that Pulumi makes. */
              readonly mode: "pinned";
              /** Another number makes a new certificate: the pin changes, and the relay restarts. */
              readonly generation: number;
          }
        | {
              /** `letsencrypt`: derper orders one for the hostname, and renews it. */
              readonly mode: "letsencrypt";
              /** E-mail address of the account. */
              readonly email?: string | undefined;
          }
        | {
              /** `certbot`: certbot orders files for the hostname on the machine, and renews them. */
              readonly mode: "certbot";
              /** E-mail address of the account. */
              readonly email?: string | undefined;
              /** How it proves that the name is the relay's: over port 80, or with a record. */
              readonly challenge: "http-01" | "dns-01";
              /** Script for `dns-01`; a secret. */
              readonly dnsHook?: string | undefined;
          }
        | {
              /** `files`: somebody brings them to the machine. */
              readonly mode: "files";
          }
        | {
              /** `provided`: the certificate and key below. */
              readonly mode: "provided";
              /** Certificate in PEM. */
              readonly certificate: string;
              /** Its private key in PEM: always kept as a secret, and never an input in a preview. */
              readonly privateKey: pulumi.Input<string>;
          };
    /** Which clients may use the relay. Changing it restarts the relay. */
    readonly verify: VerifySettings;
    /** What a browser sees: `blank`, `page` or a URL to go to. Changing it restarts the relay. */
    readonly home: string;
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
 * const relays = loadRegions().map(({ name, ...args }) => new DerpRegion(name, args));
 * export const derpMap = pulumi.all(relays.map(({ entry }) => entry)).apply(mergeEntries);
 * ```
 */
export class DerpRegion extends pulumi.ComponentResource {
    /** The region's entry for the derpMap; resolves when the relay has answered. */
    public readonly entry: pulumi.Output<DerpRegionEntry>;

    public constructor(name: string, args: DerpRegionArgs, opts?: pulumi.ComponentResourceOptions) {
        super("derp:index:DerpRegion", name, visibleInputs(args), opts);
        const child = { parent: this };
        const driver = driverFor(args.place);
        const region = { ...args, name };
        checkSize(driver, region);
        warnWhenOpen(args, this);
        const { bandwidthMbps } = args;
        const ports = portsOf(args);
        const site = driver.createSite({ name, ports, bandwidthMbps }, child);
        const certificate = createCertificate(name, args, site.address, child);
        const packed = packPayload(driver, region, site.address, certificate);
        const entryOf = (ipv6?: pulumi.Output<string>) =>
            pulumi
                .all([site.address, ipv6, certificate?.certificate])
                .apply(([ipv4, v6, pem]) =>
                    toEntry({ ...args, certificate: pem }, { ipv4, ipv6: v6 }),
                );
        const machine = site.createMachine({
            ...packed,
            servesAnywhere: !isFoundByAuthority(args),
            check: (label, { id: machineId, address }, options) => {
                const node = entryOf().apply(firstNode);
                return new RelayCheck(label, { node, machineId, address }, options);
            },
        });
        const addresses = { address: site.address, ipv6: machine.ipv6 };
        const records = createRecordsOf(name, args, addresses, child);
        const entry = entryOf(machine.ipv6);
        const check = new RelayCheck(
            name,
            {
                node: entry.apply(firstNode),
                machineId: machine.id,
                digest: packed.digest,
            },
            { ...child, dependsOn: records },
        );
        this.entry = pulumi.all([entry, check.id]).apply(([value]) => value);
        this.registerOutputs({ entry: this.entry });
    }
}

/** HTTP-01 comes in on a port of its own, unless plain HTTP has that. */
function portsOf({ ports, certificate }: DerpRegionArgs): PortSettings {
    return certificate.mode === "certbot" &&
        certificate.challenge === "http-01" &&
        ports.http !== CHALLENGE_PORT
        ? { ...ports, challenge: CHALLENGE_PORT }
        : ports;
}

/** Whether an authority has to find the relay at its address before it certifies. */
function isFoundByAuthority({ certificate }: DerpRegionArgs): boolean {
    return (
        certificate.mode === "letsencrypt" ||
        (certificate.mode === "certbot" && certificate.challenge === "http-01")
    );
}

/** The records of the hostname, when they are for us to make. */
function createRecordsOf(
    name: string,
    { hostname, dns }: DerpRegionArgs,
    addresses: {
        readonly address: pulumi.Output<string>;
        readonly ipv6: pulumi.Output<string> | undefined;
    },
    opts: pulumi.CustomResourceOptions,
): pulumi.CustomResource[] {
    return hostname === undefined || dns === undefined
        ? []
        : createRecords(name, { hostname, ...addresses }, dns, opts);
}

/** The certificate; undefined when it comes into being on the machine. */
function createCertificate(
    name: string,
    { certificate, hostname }: DerpRegionArgs,
    address: pulumi.Output<string>,
    opts: pulumi.CustomResourceOptions,
): RelayCertificate | undefined {
    switch (certificate.mode) {
        case "letsencrypt":
        case "certbot":
        case "files":
            return undefined;
        case "pinned":
            return createPinnedCertificate(
                name,
                { address, hostname, generation: certificate.generation },
                opts,
            );
        case "provided":
            return {
                certificate: pulumi.output(certificate.certificate),
                privateKey: pulumi.secret(certificate.privateKey),
            };
    }
}

function firstNode({ Nodes: [node] }: DerpRegionEntry) {
    if (node === undefined) {
        throw new Error("a region must have a node");
    }
    return node;
}

/** In every preview, so that nobody finds out from the bill. Only this computer reaches the place `local`. */
function warnWhenOpen({ verify, place, regionName }: DerpRegionArgs, region: DerpRegion): void {
    const reason =
        verify.mode === "none"
            ? ": verify.mode is none"
            : verify.mode === "url" && verify.failOpen
              ? ` while ${verify.url} cannot be reached: verify.failOpen is true`
              : undefined;
    if (reason !== undefined && place.driver !== "local") {
        const text =
            `the relay of region ${regionName} is open to everybody who finds it${reason}. ` +
            "Strangers will use it and its traffic; docs/verify.md says how to keep them out.";
        void pulumi.log.warn(text, region);
    }
}
