import { createHash, createPrivateKey, type KeyObject, X509Certificate } from "node:crypto";
import { isIPv4 } from "node:net";

/** A certificate with its key, read from PEM. */
export interface ProvidedCertificate {
    /** The relay's own certificate. */
    readonly leaf: X509Certificate;
    /** How many certificates the PEM holds, the relay's own included. */
    readonly count: number;
    /** Whether nobody but itself vouches for it, so that clients must pin it. */
    readonly selfSigned: boolean;
}

const PEM_BLOCK = /-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/g;

/**
 * Reads a certificate in PEM, the relay's own first.
 *
 * @param pem One or more PEM blocks.
 * @returns The relay's certificate, or undefined when the first block is none.
 */
export function parseCertificate(pem: string): ProvidedCertificate | undefined {
    const blocks = pem.match(PEM_BLOCK) ?? [];
    const [first] = blocks;
    if (first === undefined) {
        return undefined;
    }
    try {
        const leaf = new X509Certificate(first);
        return { leaf, count: blocks.length, selfSigned: isSelfSigned(leaf) };
    } catch {
        return undefined;
    }
}

/** Not `checkIssued`, which says no when the certificate's key usage lets it sign no certificates. */
function isSelfSigned(leaf: X509Certificate): boolean {
    return leaf.issuer === leaf.subject && leaf.verify(leaf.publicKey);
}

/**
 * The `CertName` with which clients pin a certificate.
 *
 * @see https://github.com/tailscale/tailscale/blob/v1.102.5/net/tlsdial/tlsdial.go
 * @param leaf The relay's certificate.
 * @returns `sha256-raw:` and the SHA-256 of the DER in lower-case hex.
 */
export function pinOf(leaf: X509Certificate): string {
    return `sha256-raw:${createHash("sha256").update(leaf.raw).digest("hex")}`;
}

/** What is wrong with a certificate for a relay, and in which of the two values. */
export interface CertificateProblem {
    /** Which value has to change. */
    readonly value: "certificate" | "privateKey";
    /** What is wrong, to follow the value's path. Holds nothing of the key. */
    readonly reason: string;
}

/**
 * Checks that a relay can serve a certificate and that clients will accept it.
 *
 * @param pem Certificate and key in PEM.
 * @param pem.certificate The relay's certificate first, then its chain.
 * @param pem.privateKey Its key.
 * @param host DNS name or IPv4 address that clients dial; undefined while it is not known.
 * @param now Time of the check.
 * @returns What is wrong; empty when nothing is.
 */
export function checkCertificate(
    pem: { readonly certificate: string; readonly privateKey: string },
    host: string | undefined,
    now: Date,
): readonly CertificateProblem[] {
    const parsed = parseCertificate(pem.certificate);
    if (parsed === undefined) {
        return [{ value: "certificate", reason: "must be a certificate in PEM: cannot be parsed" }];
    }
    return [...checkLeaf(parsed, host, now), ...checkKey(parsed.leaf, pem.privateKey)];
}

function checkLeaf(
    { leaf, count, selfSigned }: ProvidedCertificate,
    host: string | undefined,
    now: Date,
): CertificateProblem[] {
    const reasons: string[] = [];
    if (host !== undefined && !isIssuedFor(leaf, host)) {
        const found = leaf.subjectAltName ?? "no subject alternative name";
        reasons.push(`must be issued for ${host}: got ${found}`);
    }
    if (now > new Date(leaf.validTo)) {
        reasons.push(`must be valid today: expired on ${leaf.validTo}`);
    }
    if (now < new Date(leaf.validFrom)) {
        reasons.push(`must be valid today: not valid before ${leaf.validFrom}`);
    }
    if (selfSigned && count > 1) {
        reasons.push(
            `must be exactly one certificate when it is self-signed: got ${String(count)}, ` +
                "and clients refuse a pinned chain",
        );
    }
    return reasons.map((reason) => ({ value: "certificate", reason }));
}

function isIssuedFor(leaf: X509Certificate, host: string): boolean {
    return (isIPv4(host) ? leaf.checkIP(host) : leaf.checkHost(host)) !== undefined;
}

function checkKey(leaf: X509Certificate, pem: string): CertificateProblem[] {
    // PKCS#8 says so in its header, PKCS#1 in a line below it.
    if (pem.includes("ENCRYPTED")) {
        const reason = "must be a private key without a passphrase: got an encrypted one";
        return [{ value: "privateKey", reason }];
    }
    const key = readKey(pem);
    if (key === undefined) {
        return [{ value: "privateKey", reason: "must be a private key in PEM: cannot be parsed" }];
    }
    return leaf.checkPrivateKey(key)
        ? []
        : [{ value: "privateKey", reason: "must be the key of the certificate: got another key" }];
}

function readKey(pem: string): KeyObject | undefined {
    try {
        return createPrivateKey(pem);
    } catch {
        return undefined;
    }
}
