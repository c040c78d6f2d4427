import type * as pulumi from "@pulumi/pulumi";
import * as tls from "@pulumi/tls";

/** A certificate with its key, which Pulumi may still have to make. */
export interface RelayCertificate {
    /** Certificate in PEM, the relay's own first. */
    readonly certificate: pulumi.Output<string>;
    /** Its private key in PEM; a secret. */
    readonly privateKey: pulumi.Output<string>;
}

/** Ten years, in hours: renewing a pinned certificate changes the derpMap. */
const VALIDITY_HOURS = 87_600;

/**
 * Makes a self-signed certificate that clients pin: ECDSA P-256, exactly one. It depends on nothing but the
 * address and the name, so that a new machine serves the same one.
 *
 * @param name Name of its resources.
 * @param relay What it is for.
 * @param relay.address IPv4 address of the relay. A new one gets a new certificate.
 * @param relay.hostname DNS name of the relay, if it has one. A new one gets a new certificate.
 * @param relay.generation Another number gets a new certificate with a new key.
 * @param opts Passed to its resources.
 * @returns The certificate and its key.
 */
export function createPinnedCertificate(
    name: string,
    relay: {
        readonly address: pulumi.Output<string>;
        readonly hostname: string | undefined;
        readonly generation: number;
    },
    opts: pulumi.CustomResourceOptions,
): RelayCertificate {
    const { address, hostname, generation } = relay;
    const key = new tls.PrivateKey(
        name,
        { algorithm: "ECDSA", ecdsaCurve: "P256" },
        // The certificate follows: its key is another one.
        { ...opts, replacementTrigger: generation },
    );
    const certificate = new tls.SelfSignedCert(
        name,
        {
            privateKeyPem: key.privateKeyPem,
            subject: { commonName: hostname ?? address },
            ipAddresses: [address],
            ...(hostname === undefined ? {} : { dnsNames: [hostname] }),
            allowedUses: ["digital_signature", "server_auth"],
            validityPeriodHours: VALIDITY_HOURS,
        },
        opts,
    );
    return { certificate: certificate.certPem, privateKey: key.privateKeyPem };
}
