import type { CertificateArgs } from "./certificate-args";

const KEY_USAGES: Readonly<Record<string, string>> = {
    digital_signature: "digitalSignature",
    content_commitment: "nonRepudiation",
    key_encipherment: "keyEncipherment",
    data_encipherment: "dataEncipherment",
    key_agreement: "keyAgreement",
    cert_signing: "keyCertSign",
    crl_signing: "cRLSign",
    encipher_only: "encipherOnly",
    decipher_only: "decipherOnly",
};
const EXTENDED_KEY_USAGES: Readonly<Record<string, string>> = {
    any_extended: "anyExtendedKeyUsage",
    server_auth: "serverAuth",
    client_auth: "clientAuth",
    code_signing: "codeSigning",
    email_protection: "emailProtection",
    ipsec_end_system: "ipsecEndSystem",
    ipsec_tunnel: "ipsecTunnel",
    ipsec_user: "ipsecUser",
    timestamping: "timeStamping",
    ocsp_signing: "OCSPSigning",
    microsoft_server_gated_crypto: "msSGC",
    netscape_server_gated_crypto: "nsSGC",
    microsoft_commercial_code_signing: "msCodeCom",
    microsoft_kernel_code_signing: "1.3.6.1.4.1.311.61.1.1",
};
/** In the order in which Go writes a distinguished name. */
const NAME_PARTS = {
    country: "countryName",
    organization: "organizationName",
    organizationalUnit: "organizationalUnitName",
    locality: "localityName",
    province: "stateOrProvinceName",
    streetAddresses: "street",
    postalCode: "postalCode",
    commonName: "commonName",
    serialNumber: "serialNumber",
} as const;

/** Words that `allowedUses` may hold. */
export const USES = [...Object.keys(KEY_USAGES), ...Object.keys(EXTENDED_KEY_USAGES)];
/** Parts that `subject` may have. */
export const SUBJECT_PARTS = Object.keys(NAME_PARTS);

/**
 * Writes what `openssl req` and `openssl ca` have to know of a certificate.
 *
 * @param args The certificate.
 * @param digest Name of the digest that it is signed with, as openssl calls it.
 * @returns A configuration file whose paths are relative.
 */
export function opensslConfig(args: CertificateArgs, digest: string): string {
    const names = alternativeNames(args);
    const subject = subjectLines(args);
    return [
        ...["[ca]", "default_ca = own", "[own]", "database = index", "new_certs_dir = ."],
        ...["serial = serial", `default_md = ${digest}`, "policy = any", "x509_extensions = ext"],
        ...["unique_subject = no", "copy_extensions = none"],
        "[any]",
        ...Object.values(NAME_PARTS).map((part) => `${part} = optional`),
        ...["[req]", "prompt = no", "utf8 = yes", "string_mask = utf8only"],
        ...["distinguished_name = name", "[name]", ...subject],
        "[ext]",
        ...extensions(args, names.length > 0 && subject.length === 0 ? "critical," : ""),
        ...(names.length > 0 ? ["[names]", ...names] : []),
        "",
    ].join("\n");
}

function extensions(args: CertificateArgs, critical: string): string[] {
    const { isCaCertificate, maxPathLength = -1 } = args;
    const path = maxPathLength < 0 ? "" : `,pathlen:${String(maxPathLength)}`;
    const identified = args.setSubjectKeyId || isCaCertificate;
    const values = {
        basicConstraints: `critical,CA:${isCaCertificate ? `TRUE${path}` : "FALSE"}`,
        keyUsage: prefixed("critical,", translate(args.allowedUses, KEY_USAGES)),
        extendedKeyUsage: translate(args.allowedUses, EXTENDED_KEY_USAGES),
        // OpenSSL adds these two by itself when nothing is said of them.
        subjectKeyIdentifier: identified ? "hash" : "none",
        authorityKeyIdentifier: args.setAuthorityKeyId ? "keyid:always" : "none",
        subjectAltName: alternativeNames(args).length > 0 ? `${critical}@names` : "",
    };
    return Object.entries(values)
        .filter(([, value]) => value !== "")
        .map(([name, value]) => `${name} = ${value}`);
}

function prefixed(prefix: string, text: string): string {
    return text === "" ? "" : prefix + text;
}

function translate(uses: readonly string[], words: Readonly<Record<string, string>>): string {
    return uses
        .map((use) => words[use])
        .filter(Boolean)
        .join(",");
}

function alternativeNames(args: CertificateArgs): string[] {
    const numbered = (kind: string, values: readonly string[]): string[] =>
        values.map((value, index) => `${kind}.${String(index)} = ${escaped(value)}`);
    return [
        ...numbered("DNS", args.dnsNames),
        ...numbered("IP", args.ipAddresses),
        ...numbered("URI", args.uris),
    ];
}

function subjectLines(args: CertificateArgs): string[] {
    return Object.entries(NAME_PARTS).flatMap(([name, part]) =>
        [args.subject[name as keyof typeof NAME_PARTS] ?? []]
            .flat()
            .filter((value) => value !== "")
            .map((value, index) => `${String(index)}.${part} = ${escaped(value)}`),
    );
}

/** A value stands for itself: neither a variable nor a comment, and on one line. */
function escaped(value: string): string {
    if (/[\n\r\0]/.test(value)) {
        throw new Error(`a name in a certificate must be one line: got ${JSON.stringify(value)}`);
    }
    return value.replace(/[\\$#"'`;]/g, "\\$&");
}
