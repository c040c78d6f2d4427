import { createHash } from "node:crypto";

import * as pulumi from "@pulumi/pulumi";
import type { PrivateKey } from "@pulumi/tls";

import { renderFirstBootUserData } from "../../cloud-init/first-boot";
import { renderSshUserData } from "../../cloud-init/payload";
import { SSH_PORT } from "../../ports";
import type { Machine, MachineRequest } from "../driver";
import type { MachineKeys } from "../ssh/machine-keys";
import { withConnectionAdvice } from "../ssh/connection-advice";
import { createRemotePayload, type SshConnection } from "../ssh/remote-payload";

/** Settings that every cloud has. */
export interface CloudSettings {
    /** Zone of the machine. Changing it replaces the machine, in another region the address as well. */
    readonly zone: string;
    /** Instance type. Changing it restarts the machine. */
    readonly instanceType: string;
    /** Regular expression for the image's name. Changing it changes the next machine. */
    readonly image: string;
    /** Category of the system disk. Changing it replaces the machine at Alibaba Cloud, and restarts it at Tencent Cloud. */
    readonly diskCategory: string;
    /** Size of the system disk in GB. A larger one is set in place, at Tencent Cloud with a restart. */
    readonly diskGb: number;
    /** How the machine is paid. Changing it from or to `spot` replaces the machine. */
    readonly charge: "postpaid" | "prepaid" | "spot";
    /** How traffic is paid. Changing it replaces the address at Alibaba Cloud, and changes its plan at Tencent Cloud. */
    readonly internetCharge: "traffic" | "bandwidth";
    /** Who may use SSH; without it nobody. Adding or removing it replaces the machine. */
    readonly ssh?: { readonly allowFrom: readonly string[] } | undefined;
}

/** Addresses of a network with one machine, out of the way of what users have. */
export const VPC = "10.64.0.0/16";

/**
 * Public key for a cloud's key pair. Nobody has to hide it; as a secret it is no wall of base64 in previews.
 *
 * @param key The key.
 * @returns A line of `authorized_keys`, without its end.
 */
export function keyPairLine(key: PrivateKey): pulumi.Output<string> {
    return pulumi.secret(key.publicKeyOpenssh.apply((line) => line.trim()));
}

/**
 * Addresses of a zone's part of the network: when a machine moves to another zone, both parts exist for a while.
 *
 * @param zone The zone.
 * @returns Its /24 in CIDR notation.
 */
export function subnetOf(zone: string): string {
    return `10.64.${String(numberOf(zone))}.0/24`;
}

/**
 * Number of a zone's part of the network.
 *
 * @param zone The zone.
 * @returns From 0 to 255, another one for another zone of the region.
 */
export function numberOf(zone: string): number {
    return parseInt(zone.split("-").at(-1) ?? "", 36) % 256;
}

/**
 * Name of a key pair in a cloud's account: unique there, of 25 letters, digits and underscores at most, and
 * another one for another key.
 *
 * @param key The key.
 * @returns The name.
 */
export function keyPairName(key: PrivateKey): pulumi.Output<string> {
    return key.publicKeyOpenssh.apply(
        (line) => `derp_${createHash("sha256").update(line.trim()).digest("hex").slice(0, 16)}`,
    );
}

/**
 * User data of a machine with a port for SSH: never changes.
 *
 * @param keys SSH keys of the machine.
 * @returns Base64 of the document; a secret.
 */
export function sshUserData({ host, login }: MachineKeys): pulumi.Output<string> {
    return encode(
        pulumi
            .all([host.privateKeyPem, login.publicKeyOpenssh])
            .apply(([hostKeyPem, line]) => renderSshUserData(hostKeyPem, line.trim())),
    );
}

/**
 * User data of a machine without a port for SSH, whose relay is installed over SSH on its own port, once.
 *
 * @param keys SSH keys of the machine.
 * @param boot What else it is to know.
 * @param boot.port TCP port of the relay.
 * @param boot.digest Digest of the payload, where another one is to make another machine.
 * @returns Base64 of the document; a secret.
 */
export function firstBootUserData(
    { host, login }: MachineKeys,
    { port, digest }: { readonly port: number; readonly digest?: pulumi.Output<string> },
): pulumi.Output<string> {
    return encode(
        pulumi
            .all([host.privateKeyPem, login.publicKeyOpenssh, digest])
            .apply(([hostKeyPem, line, of]) =>
                renderFirstBootUserData({ hostKeyPem, loginKey: line.trim(), port, digest: of }),
            ),
    );
}

/** Clouds would guess whether it is base64. */
function encode(document: pulumi.Output<string>): pulumi.Output<string> {
    return pulumi.secret(document.apply((text) => Buffer.from(text).toString("base64")));
}

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
    { instance, association, address, keys, allowFrom }: SshMachine,
    { archive }: Pick<MachineRequest, "archive">,
    opts: pulumi.CustomResourceOptions,
): Machine {
    const advice = address.apply(
        (host) =>
            `what runs on the machine of region ${name} was not changed, because nobody could log in over SSH at ` +
            `${host}:${String(SSH_PORT)}, or the connection was lost. The port is open to place.ssh.allowFrom ` +
            `(${allowFrom.join(", ")}): after a timeout, see whether this computer's address, as others see it, is in there`,
    );
    const payload = createRemotePayload(
        name,
        { connection: connectionTo(keys, address), archive, machineId: instance.id },
        withConnectionAdvice(name, advice, { ...opts, dependsOn: [association] }),
    );
    return { id: idAfter(instance, payload) };
}
