import { createHash } from "node:crypto";

import * as pulumi from "@pulumi/pulumi";
import type { PrivateKey } from "@pulumi/tls";

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
