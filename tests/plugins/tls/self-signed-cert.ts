import { createPrivateKey, type KeyObject, randomBytes } from "node:crypto";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

import type { CreateResult, DiffResult, ReadResult, UpdateResult } from "@pulumi/pulumi/provider";

import { run } from "../../../components/host/run";
import { changed, type Properties } from "../support/property-values";
import { type CertificateArgs, certificateArgs, DEFAULTS, REPLACING } from "./certificate-args";
import { opensslConfig } from "./openssl-config";

const HOUR = 3_600_000;
/** Digest that Go's library signs with; SHA-256 for all that is not named. */
const DIGESTS: Readonly<Record<string, string>> = { secp384r1: "sha384", secp521r1: "sha512" };
const ALGORITHMS: Readonly<Record<string, string>> = {
    rsa: "RSA",
    ec: "ECDSA",
    ed25519: "ED25519",
};

/**
 * What a change does: all but `earlyRenewalHours` make another certificate, and so does its age.
 * Without a refresh, too: the real provider looks at the clock whenever it plans.
 */
export function diffCertificate(olds: Properties, news: Properties): DiffResult {
    const before = { ...DEFAULTS, ...olds };
    const after = { ...DEFAULTS, ...news };
    const replaces = changed(REPLACING, before, after);
    if (isDue({ ...olds, earlyRenewalHours: after.earlyRenewalHours })) {
        replaces.push("readyForRenewal");
    }
    const updates = changed(["earlyRenewalHours"], before, after);
    return { changes: replaces.length + updates.length > 0, replaces };
}

/** Makes a certificate. */
export async function createCertificate(inputs: Properties): Promise<CreateResult> {
    const args = certificateArgs(inputs);
    const key = createPrivateKey(args.privateKeyPem ?? args.privateKeyPemWo ?? "");
    const start = new Date();
    const end = new Date(start.getTime() + args.validityPeriodHours * HOUR);
    // Random as in the real one, positive and with no zero before it.
    const serial = randomBytes(16);
    serial[0] = ((serial[0] ?? 0) & 0x3f) | 0x40;
    const certPem = await sign(args, key, { serial: serial.toString("hex"), start, end });
    return {
        id: BigInt(`0x${serial.toString("hex")}`).toString(),
        outs: {
            ...DEFAULTS,
            ...Object.fromEntries(
                // Write-only: it is in no state.
                Object.entries(inputs).filter(([name]) => name !== "privateKeyPemWo"),
            ),
            certPem,
            keyAlgorithm: ALGORITHMS[key.asymmetricKeyType ?? ""],
            readyForRenewal: false,
            validityStartTime: start.toISOString(),
            validityEndTime: end.toISOString(),
        },
    };
}

/** Looks whether a certificate is due; it is the same otherwise. */
export function readCertificate(id: string, props: Properties): ReadResult {
    return { id, props: isDue(props) ? { ...props, readyForRenewal: true } : props };
}

/** Takes another time of renewal over. */
export function updateCertificate(olds: Properties, news: Properties): UpdateResult {
    const { earlyRenewalHours } = { ...DEFAULTS, ...news };
    return { outs: { ...olds, earlyRenewalHours } };
}

function isDue(state: Properties): boolean {
    const { validityEndTime, earlyRenewalHours } = state;
    return (
        typeof validityEndTime === "string" &&
        typeof earlyRenewalHours === "number" &&
        Date.parse(validityEndTime) - earlyRenewalHours * HOUR <= Date.now()
    );
}

interface Identity {
    readonly serial: string;
    readonly start: Date;
    readonly end: Date;
}

async function sign(args: CertificateArgs, key: KeyObject, identity: Identity): Promise<string> {
    // mkdtemp makes a folder that only its owner reads.
    const folder = await mkdtemp(join(tmpdir(), "pulumi-resource-tls-"));
    const pem = key.export({ type: "pkcs8", format: "pem" });
    const digest =
        key.asymmetricKeyType === "ed25519"
            ? "default"
            : (DIGESTS[key.asymmetricKeyDetails?.namedCurve ?? ""] ?? "sha256");
    try {
        await writeFile(join(folder, "key.pem"), pem, { mode: 0o600 });
        await writeFile(join(folder, "config"), opensslConfig(args, digest));
        await writeFile(join(folder, "serial"), `${identity.serial}\n`);
        await writeFile(join(folder, "index"), "");
        const config = ["-config", "config"];
        // A configuration without any part of a name is refused; an empty name is not.
        const nameless = Object.values(args.subject)
            .flat()
            .every((part) => part === "");
        const unnamed = nameless ? ["-subj", "/"] : [];
        const request = ["-new", ...config, "-key", "key.pem", ...unnamed, "-out", "request.pem"];
        await run("openssl", ["req", ...request], { cwd: folder });
        const own = ["-batch", "-notext", "-preserveDN", "-selfsign", "-keyfile", "key.pem"];
        const times = ["-startdate", asn1Time(identity.start), "-enddate", asn1Time(identity.end)];
        const files = ["-in", "request.pem", "-out", "certificate.pem"];
        await run("openssl", ["ca", ...config, ...own, ...times, ...files], { cwd: folder });
        return await readFile(join(folder, "certificate.pem"), "utf8");
    } finally {
        await rm(folder, { recursive: true, force: true });
    }
}

/** `YYYYMMDDHHMMSSZ`. */
function asn1Time(time: Date): string {
    return `${time.toISOString().slice(0, 19).replace(/\D/g, "")}Z`;
}
