import type * as pulumi from "@pulumi/pulumi";

import type { PortSettings } from "../ports";
import type { RelayCheck } from "../relay-check/relay-check";

/** What a driver is told of a relay before there is anything. */
export interface SiteRequest {
    /** Prefix of every resource name. Changing it replaces everything. */
    readonly name: string;
    /** Ports that the relay listens on. Changing one changes the firewall. */
    readonly ports: PortSettings;
    /** Outgoing bandwidth in Mbit/s; undefined for no limit. Changing it changes the address's limit. */
    readonly bandwidthMbps: number | undefined;
}

/** What a driver is given to make a machine. */
export interface MachineRequest {
    /** What the machine is to run, packed by `renderArchive`, in base64; a secret. */
    readonly archive: pulumi.Output<string>;
    /** Digest of what the machine is to run: changes when, and only when, that changes. */
    readonly digest: pulumi.Output<string>;
    /** Whether its relay serves at another address as well: not when an authority has to find it before it certifies. */
    readonly servesAnywhere: boolean;
    /** Waits, once for each machine, until its relay answers where the driver can reach it. */
    readonly check: (
        name: string,
        machine: CheckedMachine,
        opts: pulumi.CustomResourceOptions,
    ) => RelayCheck;
}

/** A machine whose relay is to be waited for. */
interface CheckedMachine {
    /** The machine. */
    readonly id: pulumi.Output<string>;
    /** An IPv4 address that leads to it now, for example one that it gives up later. */
    readonly address: pulumi.Output<string>;
}

/** A machine with its address. */
export interface Machine {
    /** Resolves when its relay should answer; changes when it, or what runs on it, was made anew. */
    readonly id: pulumi.Output<string>;
    /** IPv6 address that clients dial, which goes with the machine; undefined without one. */
    readonly ipv6?: pulumi.Output<string> | undefined;
}

/** A place that is ready for a relay's machine. */
interface Site {
    /**
     * Address that clients dial: static, known before the machine, and kept when the machine is
     * replaced.
     */
    readonly address: pulumi.Output<string>;
    /** Makes the machine, and applies every later change of the payload to it. */
    createMachine(request: MachineRequest): Machine;
}

/**
 * A kind of place where a relay can run.
 *
 * A driver owns the network, the firewall, the address, the machine, and how a payload gets on
 * it. What runs on the machine comes from `components/cloud-init`, and the ports come from
 * `components/ports.ts`.
 */
export interface Driver {
    /** Most bytes of a packed payload that the place accepts; undefined for any number. */
    readonly archiveLimit: number | undefined;
    /** Makes everything that outlives the machine. */
    createSite(request: SiteRequest, opts: pulumi.CustomResourceOptions): Site;
}
