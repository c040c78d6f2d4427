import type * as pulumi from "@pulumi/pulumi";
import * as tls from "@pulumi/tls";

/** SSH keys of a machine that Pulumi makes; their private halves are secrets in its state. */
export interface MachineKeys {
    /** With which the installer logs in. */
    readonly login: tls.PrivateKey;
    /** With which the machine proves to the installer who it is. */
    readonly host: tls.PrivateKey;
}

/**
 * Makes the SSH keys of a machine. The login key is RSA, the only kind that both clouds take; the host key is ECDSA, because that is what Go's SSH client, which
 * `@pulumi/command` uses, prefers, and because its PEM is one that every OpenSSH reads.
 *
 * @param name Prefix of their names. Changing it replaces them, and with them the machine.
 * @param opts Passed to both.
 * @returns The keys.
 */
export function createMachineKeys(name: string, opts: pulumi.CustomResourceOptions): MachineKeys {
    return {
        login: new tls.PrivateKey(`${name}.login`, { algorithm: "RSA", rsaBits: 3072 }, opts),
        host: new tls.PrivateKey(`${name}.host`, { algorithm: "ECDSA", ecdsaCurve: "P256" }, opts),
    };
}
