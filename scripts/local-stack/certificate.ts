import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { run } from "../../components/host/run";

/** Ten years: the relay's clients pin this certificate, nobody renews it. */
const VALID_DAYS = 3650;

/** A certificate and its key in PEM. */
export interface CertificatePair {
    /** The certificate. */
    readonly certificate: string;
    /** Its private key. */
    readonly privateKey: string;
}

/**
 * Makes a self-signed certificate for an address: ECDSA P-256, exactly one, as clients that pin
 * it want it.
 *
 * @param address IPv4 address of the relay.
 * @returns The certificate and its key.
 */
export async function createCertificate(address: string): Promise<CertificatePair> {
    const folder = await mkdtemp(join(tmpdir(), "derp-relay-certificate-"));
    const files = { certificate: join(folder, "relay.crt"), privateKey: join(folder, "relay.key") };
    try {
        await run("openssl", [
            ...["req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes"],
            ...["-days", String(VALID_DAYS), "-subj", `/CN=${address}`],
            ...["-addext", `subjectAltName=IP:${address}`],
            ...["-keyout", files.privateKey, "-out", files.certificate],
        ]);
        return {
            certificate: await readFile(files.certificate, "utf8"),
            privateKey: await readFile(files.privateKey, "utf8"),
        };
    } finally {
        await rm(folder, { recursive: true, force: true });
    }
}
