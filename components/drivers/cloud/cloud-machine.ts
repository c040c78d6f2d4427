import * as pulumi from "@pulumi/pulumi";

import { SSH_PORT } from "../../ports";
import { replaceCommand } from "../../pulumi-command";
import type { Machine, MachineRequest } from "../driver";
import { withConnectionAdvice } from "../ssh/connection-advice";
import type { MachineKeys } from "../ssh/machine-keys";
import { createRemotePayload, type SshConnection } from "../ssh/remote-payload";

/**
 * How the installer connects to a machine.
 *
 * @param keys SSH keys of the machine.
 * @param host Its address.
 * @param port TCP port of SSH.
 * @returns The connection.
 */
export function connectionTo(
    keys: MachineKeys,
    host: pulumi.Output<string>,
    port = SSH_PORT,
): SshConnection {
    return {
        ...{ host, port, user: "root" },
        privateKey: keys.login.privateKeyOpenssh,
        hostKey: keys.host.publicKeyOpenssh.apply((line) => line.trim()),
    };
}

/**
 * ID of a machine that other things are to be done to first.
 *
 * @param machine The machine.
 * @param before What is done to it.
 * @returns Its ID; resolves when that is done.
 */
export function idAfter(
    machine: pulumi.CustomResource,
    ...before: readonly pulumi.CustomResource[]
): pulumi.Output<string> {
    return pulumi.all([machine.id, pulumi.all(before.map(({ id }) => id))]).apply(([id]) => id);
}

/** A machine that a cloud has made, with its address. */
export interface CloudMachine {
    /** The machine. */
    readonly instance: pulumi.CustomResource;
    /** What gives it its address. */
    readonly association: pulumi.CustomResource;
    /** The address. */
    readonly address: pulumi.Output<string>;
    /** Its SSH keys. */
    readonly keys: MachineKeys;
}

/** The same with a port for SSH. */
export interface SshMachine extends CloudMachine {
    /** Networks that this port is open to. */
    readonly allowFrom: readonly string[];
    /** Shell script that is run on it before each payload, as root; undefined for none. */
    readonly prepare?: pulumi.Output<string> | undefined;
}

/**
 * Applies the payload, and each change of it, over the port for SSH.
 *
 * @param name Name of the resource.
 * @param machine The machine.
 * @param request What it is to run.
 * @param opts Passed to the resource.
 * @returns The machine; its id resolves when the payload is applied.
 */
export function applyOverSshPort(
    name: string,
    { instance, association, address, keys, allowFrom, prepare }: SshMachine,
    { archive }: Pick<MachineRequest, "archive">,
    opts: pulumi.CustomResourceOptions,
): Machine {
    const advice = pulumi
        .all([address, instance.urn])
        .apply(
            ([host, urn]) =>
                `what runs on the machine of region ${name} was not changed, because nobody could log in over SSH at ` +
                `${host}:${String(SSH_PORT)}, or the connection was lost. The port is open to place.ssh.allowFrom ` +
                `(${allowFrom.join(", ")}): after a timeout, see whether this computer's address, as others see it, is in there. ` +
                "After 'host key mismatch' or 'unable to authenticate', the machine is not as Pulumi made it, or another " +
                `one answers. To make the machine anew, with the same IPv4 address and certificate: ${replaceCommand(urn)}`,
        );
    const payload = createRemotePayload(
        name,
        { connection: connectionTo(keys, address), archive, prepare, machineId: instance.id },
        withConnectionAdvice(name, advice, { ...opts, dependsOn: [association] }),
    );
    return { id: idAfter(instance, payload) };
}
