import * as pulumi from "@pulumi/pulumi";

import { renderFirstBootUserData } from "../../cloud-init/first-boot";
import { renderSshUserData } from "../../cloud-init/user-data";
import type { MachineKeys } from "../ssh/machine-keys";

/** What the user data of every machine is made of. */
export interface UserDataSource {
    /** SSH keys of the machine. */
    readonly keys: MachineKeys;
    /** Most bytes that the cloud takes, before base64. */
    readonly limit: number;
}

/** What a machine without a port for SSH is to know. */
export interface FirstBootSource extends UserDataSource {
    /** TCP port of the relay. */
    readonly port: number;
    /** Digest of the payload, where another one is to make another machine. */
    readonly digest?: pulumi.Output<string>;
}

/** At least as long as the real ones, which a preview may not have yet. */
const STAND_IN = { hostKeyPem: "x".repeat(300), line: "x".repeat(600), digest: "x".repeat(64) };

/**
 * User data of a machine with a port for SSH: never changes.
 *
 * @param source What it is made of.
 * @returns Base64 of the document; a secret.
 * @throws {pulumi.RunError} If the cloud does not take that much; with the byte count.
 */
export function sshUserData(source: UserDataSource): pulumi.Output<string> {
    return encode(source, renderSshUserData);
}

/**
 * User data of a machine without a port for SSH, whose relay is installed over SSH on its own port, once.
 *
 * @param source What it is made of.
 * @returns Base64 of the document; a secret.
 * @throws {pulumi.RunError} If the cloud does not take that much; with the byte count.
 */
export function firstBootUserData(source: FirstBootSource): pulumi.Output<string> {
    const { port, digest } = source;
    return encode(
        source,
        (hostKeyPem, loginKey, of) =>
            renderFirstBootUserData({ hostKeyPem, loginKey, port, digest: of }),
        digest,
    );
}

/** Clouds would guess whether it is base64. */
function encode(
    { keys: { host, login }, limit }: UserDataSource,
    render: (hostKeyPem: string, loginKey: string, digest?: string) => string,
    digest?: pulumi.Output<string>,
): pulumi.Output<string> {
    const toBase64 = (...parts: Parameters<typeof render>) => {
        const document = Buffer.from(render(...parts));
        checkLength(document.length, limit);
        return document.toString("base64");
    };
    toBase64(STAND_IN.hostKeyPem, STAND_IN.line, digest && STAND_IN.digest);
    return pulumi.secret(
        pulumi
            .all([host.privateKeyPem, login.publicKeyOpenssh, digest])
            .apply(([hostKeyPem, line, of]) => toBase64(hostKeyPem, line.trim(), of)),
    );
}

function checkLength(length: number, limit: number): void {
    if (length > limit) {
        throw new pulumi.RunError(
            `a machine's user data must be at most ${String(limit)} bytes in this cloud: got ${String(length)}. ` +
                "What is large belongs in the payload, which comes over SSH.",
        );
    }
}
