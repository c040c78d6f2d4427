import { createHash, type KeyObject, randomBytes } from "node:crypto";

/** Key pair in the forms that OpenSSH reads. */
export interface OpensshKey {
    /** As in `~/.ssh/id_*`. */
    readonly privateKey: string;
    /** As in `authorized_keys`, with the line end that Go's library writes. */
    readonly publicKey: string;
    /** As `ssh-keygen -l -E md5` prints it, without the prefix. */
    readonly md5: string;
    /** As `ssh-keygen -l` prints it. */
    readonly sha256: string;
}

/** What a key has on the wire: name of its type, fields of the public key and of the private. */
interface WireKey {
    readonly type: string;
    readonly publicFields: readonly Buffer[];
    readonly privateFields: readonly Buffer[];
}

const CURVES: Readonly<Record<string, string>> = {
    "P-256": "nistp256",
    "P-384": "nistp384",
    "P-521": "nistp521",
};
const BLOCK = 8;
const PEM_WIDTH = 64;

/**
 * Writes a key in OpenSSH's formats.
 *
 * @param key Private key: RSA, ECDSA on any curve but P-224, which OpenSSH has not, or Ed25519.
 * @returns The key.
 * @see https://github.com/openssh/openssh-portable/blob/master/PROTOCOL.key
 */
export function toOpenssh(key: KeyObject): OpensshKey {
    const wire = toWire(key.export({ format: "jwk" }));
    const blob = Buffer.concat([string(wire.type), ...wire.publicFields]);
    return {
        privateKey: privatePem(wire, blob),
        publicKey: `${wire.type} ${blob.toString("base64")}\n`,
        md5: createHash("md5")
            .update(blob)
            .digest("hex")
            .replace(/..(?=.)/g, "$&:"),
        sha256: `SHA256:${createHash("sha256").update(blob).digest("base64").replace(/=+$/, "")}`,
    };
}

function toWire(jwk: JsonWebKey): WireKey {
    const field = (name: keyof JsonWebKey): Buffer => Buffer.from(jwk[name] as string, "base64url");
    const number = (name: keyof JsonWebKey): Buffer => mpint(field(name));
    if (jwk.kty === "RSA") {
        return {
            type: "ssh-rsa",
            publicFields: [number("e"), number("n")],
            privateFields: (["n", "e", "d", "qi", "p", "q"] as const).map(number),
        };
    }
    if (jwk.kty === "OKP") {
        const point = string(field("x"));
        return {
            type: "ssh-ed25519",
            publicFields: [point],
            privateFields: [point, string(Buffer.concat([field("d"), field("x")]))],
        };
    }
    const curve = CURVES[jwk.crv ?? ""];
    if (curve === undefined) {
        throw new Error(`OpenSSH has no keys on curve ${String(jwk.crv)}`);
    }
    const point = [string(curve), string(Buffer.concat([Buffer.of(4), field("x"), field("y")]))];
    return {
        type: `ecdsa-sha2-${curve}`,
        publicFields: point,
        privateFields: [...point, number("d")],
    };
}

function privatePem(wire: WireKey, blob: Buffer): string {
    const check = randomBytes(4);
    const comment = string("");
    const body = Buffer.concat([check, check, string(wire.type), ...wire.privateFields, comment]);
    const missing = (BLOCK - (body.length % BLOCK)) % BLOCK;
    const padding = Buffer.from(Array.from({ length: missing }, (_, index) => index + 1));
    const whole = Buffer.concat([
        ...[Buffer.from("openssh-key-v1\0"), string("none"), string("none"), string("")],
        ...[uint32(1), string(blob), string(Buffer.concat([body, padding]))],
    ]);
    const lines = whole.toString("base64").match(new RegExp(`.{1,${String(PEM_WIDTH)}}`, "g"));
    return [
        "-----BEGIN OPENSSH PRIVATE KEY-----",
        ...(lines ?? []),
        "-----END OPENSSH PRIVATE KEY-----\n",
    ].join("\n");
}

function uint32(value: number): Buffer {
    const buffer = Buffer.alloc(4);
    buffer.writeUInt32BE(value);
    return buffer;
}

function string(value: string | Buffer): Buffer {
    const bytes = Buffer.from(value);
    return Buffer.concat([uint32(bytes.length), bytes]);
}

function mpint(value: Buffer): Buffer {
    const first = value.findIndex((byte) => byte !== 0);
    const bytes = value.subarray(first);
    // A set highest bit would make it negative.
    return string((bytes[0] ?? 0) > 0x7f ? Buffer.concat([Buffer.of(0), bytes]) : bytes);
}
