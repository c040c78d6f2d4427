import type * as pulumi from "@pulumi/pulumi";

/** What a driver is given to make a machine. */
interface MachineRequest {
    /** Prefix of every resource name. Changing it replaces the machine. */
    readonly name: string;
    /** Address that {@link Driver.createAddress} gave. */
    readonly address: pulumi.Input<string>;
    /** What the machine is to run, packed by `renderArchive`, in base64; a secret. */
    readonly archive: pulumi.Output<string>;
    /** Digest of what the machine is to run: changes when, and only when, that changes. */
    readonly digest: pulumi.Output<string>;
}

/** What a driver gives back. */
interface Machine {
    /** Resolves when the machine exists; changes when the machine, or what runs on it, was made anew. */
    readonly id: pulumi.Output<string>;
}

/**
 * A kind of place where a relay can run.
 *
 * A driver owns the network, the firewall, the address, the machine, and how a payload gets on
 * it. What runs on the machine comes from `components/cloud-init`, and the ports come from
 * `components/ports.ts`.
 */
export interface Driver {
    /** Most bytes of user data that the place accepts, before it encodes them. */
    readonly userDataLimit: number;
    /**
     * Gives the address that clients dial: static, known before the machine, and kept when the
     * machine is replaced.
     */
    createAddress(name: string, opts: pulumi.CustomResourceOptions): pulumi.Output<string>;
    /** Makes the machine, and applies every later change of the payload to it. */
    createMachine(request: MachineRequest, opts: pulumi.CustomResourceOptions): Machine;
}
