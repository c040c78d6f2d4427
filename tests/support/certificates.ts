import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

/** What a test wants of a certificate. */
export interface CertificateWish {
    /** Subject alternative name, such as `IP:10.90.0.100` or `DNS:relay.example.com`. */
    readonly name: string;
    /** First second of validity, `YYYYMMDDHHMMSSZ`. */
    readonly notBefore?: string;
    /** Last second of validity. */
    readonly notAfter?: string;
    /** What its key may be used for, such as `critical,digitalSignature`; anything without it. */
    readonly keyUsage?: string;
    /** Its key; P-256 without one. */
    readonly key?: "RSA";
    /** Whether it may issue others. */
    readonly isAuthority?: boolean;
    /** Who issues it; itself without one. */
    readonly issuer?: PemPair;
    /** What its subject is called. */
    readonly subject?: string;
}

/** A certificate and its key, in PEM. */
export interface PemPair {
    readonly certificate: string;
    readonly privateKey: string;
}

/**
 * Makes a real certificate with openssl.
 *
 * @param wish What the test wants of it.
 * @returns The certificate and its key.
 */
export function makeCertificate(wish: CertificateWish): PemPair {
    const folder = mkdtempSync(join(tmpdir(), "derp-relay-test-"));
    try {
        const key = join(folder, "key.pem");
        const csr = join(folder, "request.pem");
        const crt = join(folder, "certificate.pem");
        const make = (...args: string[]) => openssl(args, "");
        const kind = wish.key === "RSA" ? "RSA" : "EC";
        const size = kind === "RSA" ? "rsa_keygen_bits:2048" : "ec_paramgen_curve:P-256";
        make("genpkey", "-algorithm", kind, "-pkeyopt", size, "-out", key);
        make("req", "-new", "-key", key, "-subj", `/CN=${wish.subject ?? "test"}`, "-out", csr);
        const config = join(folder, "ca.cnf");
        writeConfig(config, folder, wish);
        make(
            ...["ca", "-batch", "-config", config, "-in", csr, ...signer(folder, key, wish.issuer)],
            ...["-startdate", wish.notBefore ?? "20250101000000Z"],
            ...["-enddate", wish.notAfter ?? "20450101000000Z", "-out", crt, "-notext"],
        );
        return { certificate: readFileSync(crt, "utf8"), privateKey: readFileSync(key, "utf8") };
    } finally {
        rmSync(folder, { recursive: true });
    }
}

/**
 * Runs openssl.
 *
 * @param args Its arguments.
 * @param input What it reads.
 * @returns What it prints.
 */
export function openssl(args: readonly string[], input: string): string {
    return execFileSync("openssl", args, { input, stdio: ["pipe", "pipe", "ignore"] }).toString();
}

function signer(folder: string, key: string, issuer: PemPair | undefined): string[] {
    if (issuer === undefined) {
        return ["-selfsign", "-keyfile", key];
    }
    const files = {
        certificate: join(folder, "issuer.crt"),
        privateKey: join(folder, "issuer.key"),
    };
    writeFileSync(files.certificate, issuer.certificate);
    writeFileSync(files.privateKey, issuer.privateKey);
    return ["-cert", files.certificate, "-keyfile", files.privateKey];
}

function writeConfig(
    file: string,
    folder: string,
    { name, keyUsage, isAuthority }: CertificateWish,
): void {
    writeFileSync(join(folder, "index"), "");
    writeFileSync(
        file,
        [
            "[ca]",
            "default_ca = test",
            "[test]",
            `database = ${join(folder, "index")}`,
            `new_certs_dir = ${folder}`,
            "rand_serial = yes",
            "default_md = sha256",
            "policy = any",
            "x509_extensions = ext",
            "[any]",
            "commonName = supplied",
            "[ext]",
            `subjectAltName = ${name}`,
            ...(isAuthority === true ? ["basicConstraints = critical,CA:TRUE"] : []),
            ...(keyUsage === undefined ? [] : [`keyUsage = ${keyUsage}`]),
            "",
        ].join("\n"),
    );
}
