import { createHash, createPrivateKey, type KeyObject, X509Certificate } from "node:crypto";
import { isIPv4 } from "node:net";

/** A certificate with its key, read from PEM. */
export interface ProvidedCertificate {
    /** The relay's own certificate. */
    readonly leaf: X509Certificate;
    /** All certificates of the PEM, the relay's own included, in their order. */
    readonly chain: readonly X509Certificate[];
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
    try {
        const chain = (pem.match(PEM_BLOCK) ?? []).map((block) => new X509Certificate(block));
        const [leaf] = chain;
        return leaf && { leaf, chain, selfSigned: isIssuedBy(leaf, leaf) };
    } catch {
        return undefined;
    }
}

/** Not `checkIssued`, which says no when the issuer's key usage lets it sign no certificates. */
function isIssuedBy(certificate: X509Certificate, issuer: X509Certificate): boolean {
    return certificate.issuer === issuer.subject && certificate.verify(issuer.publicKey);
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
    const { leaf } = parsed;
    const reasons = [...checkLeaf(leaf, host, now), ...checkChain(parsed)];
    return [
        ...reasons.map((reason) => ({ value: "certificate" as const, reason })),
        ...checkKey(leaf, pem.privateKey),
    ];
}

function checkLeaf(leaf: X509Certificate, host: string | undefined, now: Date): string[] {
    const reasons: string[] = [];
    const clock = `by this computer's clock it is ${now.toUTCString()}`;
    if (host !== undefined && !isIssuedFor(leaf, host)) {
        const found = leaf.subjectAltName ?? "no subject alternative name";
        reasons.push(`must be issued for ${host}: got ${found}`);
    }
    if (now > new Date(leaf.validTo)) {
        reasons.push(`must be valid today: expired on ${leaf.validTo}, and ${clock}`);
    }
    if (now < new Date(leaf.validFrom)) {
        reasons.push(`must be valid today: not valid before ${leaf.validFrom}, and ${clock}`);
    }
    return reasons;
}

function checkChain({ chain, selfSigned }: ProvidedCertificate): string[] {
    if (selfSigned) {
        return chain.length === 1
            ? []
            : [
                  `must be exactly one certificate when it is self-signed: got ${String(chain.length)}, ` +
                      "and clients refuse a pinned chain",
              ];
    }
    const wrong = chain.findIndex((each, index) => {
        const next = chain[index + 1];
        return next !== undefined && !isIssuedBy(each, next);
    });
    return wrong === -1
        ? []
        : [
              `must have its chain in order, each issued by the next: ` +
                  `number ${String(wrong + 2)} did not issue number ${String(wrong + 1)}`,
          ];
}

/** As Go's clients see it: the common name counts for nothing, and `*` stands for a whole label. */
function isIssuedFor(leaf: X509Certificate, host: string): boolean {
    const strict = { subject: "never", partialWildcards: false } as const;
    return (isIPv4(host) ? leaf.checkIP(host) : leaf.checkHost(host, strict)) !== undefined;
}

function checkKey(leaf: X509Certificate, pem: string): CertificateProblem[] {
    // PKCS#8 says so in its header, PKCS#1 in a line below it.
    if (pem.includes("ENCRYPTED")) {
        const reason =
            "must be a private key without a passphrase: got an encrypted one. " +
            "`openssl pkey -in OLD -out NEW` takes it away";
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
