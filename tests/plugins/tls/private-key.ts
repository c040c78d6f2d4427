import { createHash, createPublicKey, generateKeyPair, type KeyObject } from "node:crypto";
import { promisify } from "node:util";

import type { CheckFailure, CreateResult, DiffResult } from "@pulumi/pulumi/provider";

import { failuresOf, isAtLeast, isOneOf } from "../support/check";
import { toOpenssh } from "../support/openssh";
import { changed, plainProperties, type Properties, secret } from "../support/property-values";

/** Curves by the provider's names, with OpenSSL's. P-224 is the default, as with the real one. */
const CURVES: Readonly<Record<string, string>> = {
    P224: "secp224r1",
    P256: "prime256v1",
    P384: "secp384r1",
    P521: "secp521r1",
};
const DEFAULTS = { ecdsaCurve: "P224", rsaBits: 2048 };
/** Go's own limit: `crypto/rsa: 512-bit keys are insecure`. */
const MINIMUM_RSA_BITS = 1024;
const SHAPE = {
    required: { algorithm: isOneOf(["ECDSA", "ED25519", "RSA"]) },
    optional: {
        ecdsaCurve: isOneOf(Object.keys(CURVES)),
        rsaBits: isAtLeast(MINIMUM_RSA_BITS),
    },
};

type KeyArgs = typeof DEFAULTS & { readonly algorithm: string };

/** What is wrong with the arguments of a key. */
export function checkPrivateKey(news: Properties): CheckFailure[] {
    return failuresOf(news, SHAPE);
}

/** Every change makes another key. */
export function diffPrivateKey(olds: Properties, news: Properties): DiffResult {
    const names = ["algorithm", "ecdsaCurve", "rsaBits"];
    const replaces = changed(names, { ...DEFAULTS, ...olds }, { ...DEFAULTS, ...news });
    return { changes: replaces.length > 0, replaces };
}

/** Makes a key. */
export async function createPrivateKey(inputs: Properties): Promise<CreateResult> {
    const args = { ...DEFAULTS, ...plainProperties(inputs) } as KeyArgs;
    const key = await generate(args);
    const publicKey = createPublicKey(key);
    const openssh = isUnknownToOpenssh(args)
        ? { privateKey: "", publicKey: "", md5: "", sha256: "" }
        : toOpenssh(key);
    const der = publicKey.export({ type: "spki", format: "der" });
    return {
        id: createHash("sha1").update(der).digest("hex"),
        outs: {
            ...DEFAULTS,
            ...inputs,
            privateKeyPem: secret(ownPem(key)),
            privateKeyPemPkcs8: secret(key.export({ type: "pkcs8", format: "pem" })),
            privateKeyOpenssh: secret(openssh.privateKey),
            publicKeyPem: publicKey.export({ type: "spki", format: "pem" }),
            publicKeyOpenssh: openssh.publicKey,
            publicKeyFingerprintMd5: openssh.md5,
            publicKeyFingerprintSha256: openssh.sha256,
        },
    };
}

function isUnknownToOpenssh({ algorithm, ecdsaCurve }: KeyArgs): boolean {
    return algorithm === "ECDSA" && ecdsaCurve === "P224";
}

async function generate(args: KeyArgs): Promise<KeyObject> {
    const generatePair = promisify(generateKeyPair);
    switch (args.algorithm) {
        case "RSA":
            return (await generatePair("rsa", { modulusLength: args.rsaBits })).privateKey;
        case "ECDSA": {
            const namedCurve = CURVES[args.ecdsaCurve] ?? args.ecdsaCurve;
            return (await generatePair("ec", { namedCurve })).privateKey;
        }
        default:
            return (await generatePair("ed25519")).privateKey;
    }
}

/** PKCS #1 for RSA, SEC 1 for ECDSA, PKCS #8 for what has no format of its own. */
function ownPem(key: KeyObject): string | Buffer {
    const types = { rsa: "pkcs1", ec: "sec1" } as const;
    const type = key.asymmetricKeyType ?? "";
    return key.export({
        type: type in types ? types[type as keyof typeof types] : "pkcs8",
        format: "pem",
    });
}
