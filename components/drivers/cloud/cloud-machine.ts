import { createHash } from "node:crypto";

import * as pulumi from "@pulumi/pulumi";
import type { PrivateKey } from "@pulumi/tls";

import { renderSshUserData, renderUserData } from "../../cloud-init/payload";
import { SSH_PORT } from "../../ports";
import type { Machine, MachineRequest } from "../driver";
import type { MachineKeys } from "../ssh/machine-keys";
import { createRemotePayload } from "../ssh/remote-payload";

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
/** How long a machine may take to answer when it builds derper by itself, on one slow core, in seconds. */
export const FIRST_BOOT_SECONDS = 45 * 60;
/** The same when the installer has reported that the relay serves. */
export const INSTALLED_SECONDS = 120;

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
 * User data of a cloud's machine, in base64: clouds guess otherwise whether it is. With SSH it never changes;
 * without, a changed one replaces the machine at Tencent Cloud, and is for the next machine at Alibaba Cloud.
 *
 * @param archive The payload, packed, in base64.
 * @param keys SSH keys of the machine; undefined without SSH.
 * @returns Base64 of the document; a secret.
 */
export function cloudUserData(
    archive: pulumi.Output<string>,
    keys: MachineKeys | undefined,
): pulumi.Output<string> {
    const document =
        keys === undefined
            ? archive.apply((text) => renderUserData(Buffer.from(text, "base64")))
            : pulumi
                  .all([keys.host.privateKeyPem, keys.login.publicKeyOpenssh])
                  .apply(([host, login]) => renderSshUserData(host, login.trim()));
    return pulumi.secret(document.apply((text) => Buffer.from(text).toString("base64")));
}

/** A machine that a cloud has made, with its address. */
export interface CloudMachine {
    /** The machine. */
    readonly instance: pulumi.CustomResource;
    /** What gives it its address. */
    readonly association: pulumi.CustomResource;
    /** The address. */
    readonly address: pulumi.Output<string>;
    /** SSH keys of the machine; undefined without SSH. */
    readonly keys: MachineKeys | undefined;
}

/**
 * Applies the payload over SSH where there is SSH.
 *
 * @param name Name of the resource.
 * @param machine The machine.
 * @param request What it is to run.
 * @param opts Passed to the resource.
 * @returns The machine with its address and, over SSH, its payload; without, cloud-init brings it there.
 */
export function finishCloudMachine(
    name: string,
    { instance, association, address, keys }: CloudMachine,
    { archive }: Pick<MachineRequest, "archive">,
    opts: pulumi.CustomResourceOptions,
): Machine {
    if (keys === undefined) {
        const id = pulumi.all([instance.id, association.id]).apply(([machine]) => machine);
        return { id, answersWithinSeconds: FIRST_BOOT_SECONDS };
    }
    const payload = createRemotePayload(
        name,
        {
            connection: {
                host: address,
                port: SSH_PORT,
                user: "root",
                privateKey: keys.login.privateKeyOpenssh,
                hostKey: keys.host.publicKeyOpenssh.apply((line) => line.trim()),
            },
            archive,
            machineId: instance.id,
        },
        { ...opts, dependsOn: [association] },
    );
    const id = pulumi.all([instance.id, payload.id]).apply(([machine]) => machine);
    return { id, answersWithinSeconds: INSTALLED_SECONDS };
}
