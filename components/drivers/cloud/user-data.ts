import * as pulumi from "@pulumi/pulumi";

import { renderFirstBootUserData } from "../../cloud-init/first-boot";
import { renderSshUserData } from "../../cloud-init/user-data";
import type { MachineKeys } from "../ssh/machine-keys";

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
