import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { gzipSync } from "node:zlib";

import { type RelaySettings, renderEnv } from "./env";

/** What a machine is to run: every file with its text. */
export type Payload = Readonly<Record<string, string>>;

/** Everything that makes one relay different from another. */
export interface PayloadSettings extends RelaySettings {
    /** What the relay proves itself with. */
    readonly certificate: {
        /** Certificate in PEM, the relay's own first. */
        readonly certificatePem: string;
        /** Its private key in PEM; a secret. */
        readonly privateKeyPem: string;
    };
}

/** Files that are the same on every machine, in `files/`. */
const FILES = [
    ...["install.sh", "common.sh", "build.sh", "system.sh", "service.sh", "health.sh"],
    ...["derper.service", "derp-relay-health.service", "derp-relay-health.timer"],
    ...["derp-relay-firewall.service", "firewall.nft", "90-derp-relay.conf"],
] as const;
const FOLDER = join(__dirname, "files");
/** Where cloud-init puts the archive; the installer's folder, which only root can write to. */
const ARCHIVE = "/var/lib/derp-relay/payload.sh.gz";
/**
 * Shell command that applies an archive, given on standard input, to the machine that runs it. Unpacks
 * where only root can read, because the archive holds the relay's private key.
 */
export const APPLY_FROM_STDIN_COMMAND =
    'umask 077 && d=$(mktemp -d) && trap \'rm -rf "$d"\' EXIT && cd "$d" && ' +
    "gzip -dc >unpack.sh && sh unpack.sh && sh install.sh";
/** Line that ends a file in the archive; no file has it. */
const END = "END_OF_FILE";

/**
 * Puts together what a machine is to run: the real files of this project and, as the only
 * generated one, `relay.env`.
 *
 * @param settings What is special about this relay.
 * @returns The files. They hold the private key: keep them secret.
 * @throws {RangeError} If a setting has characters that a shell or systemd could act on.
 */
export function renderPayload({ certificate, ...settings }: PayloadSettings): Payload {
    return {
        ...Object.fromEntries(FILES.map((name) => [name, withoutComments(readFile(name))])),
        "relay.env": renderEnv(settings),
        "relay.crt": certificate.certificatePem,
        "relay.key": certificate.privateKeyPem,
    };
}

/**
 * Digest of a payload: changes when, and only when, what the machine is to run changes.
 *
 * @param payload The payload.
 * @returns SHA-256 in lower-case hex. Tells nothing of the private key.
 */
export function payloadDigest(payload: Payload): string {
    return createHash("sha256").update(JSON.stringify(payload)).digest("hex");
}

/**
 * Packs a payload: a gzipped shell script that writes its files, so that the machine needs no
 * archiver. The same bytes for the same payload.
 *
 * @param payload The payload.
 * @returns The archive. It holds the private key: keep it secret.
 */
export function renderArchive(payload: Payload): Uint8Array {
    const files = { ...payload, digest: shortDigest(payloadDigest(payload)) };
    const script = Object.entries(files).map(([name, text]) => renderFile(name, text));
    return gzipSync(script.join(""), { level: 9 });
}

/**
 * What a machine tells of the payload that it runs: the beginning of its digest.
 *
 * @param digest From {@link payloadDigest}.
 * @returns 12 hexadecimal digits.
 */
export function shortDigest(digest: string): string {
    return digest.slice(0, 12);
}

function renderFile(name: string, text: string): string {
    if (text.split("\n").includes(END)) {
        throw new RangeError(`${name} must not have the line ${END}`);
    }
    const end = text === "" || text.endsWith("\n") ? END : `\n${END}`;
    return `cat >${name} <<'${END}'\n${text}${end}\n`;
}

/**
 * The cloud-init document that installs a payload at first boot. JSON, which is YAML without its
 * traps; plain text, because not every cloud takes a gzipped document.
 *
 * @param archive The payload as {@link renderArchive} packs it.
 * @returns A `#cloud-config` document.
 */
export function renderUserData(archive: Uint8Array): string {
    const content = Buffer.from(archive).toString("base64");
    const config = {
        write_files: [{ path: ARCHIVE, permissions: "0600", encoding: "b64", content }],
        runcmd: [
            [
                "sh",
                "-c",
                `(${APPLY_FROM_STDIN_COMMAND}) <${ARCHIVE}; code=$?; rm -f ${ARCHIVE}; exit $code`,
            ],
        ],
    };
    return `#cloud-config\n${JSON.stringify(config)}\n`;
}

/**
 * Whole lines of comment and indentation stay at home: user data is small. Unit tests prove that
 * nothing else goes.
 *
 * @param text A script, unit or other file whose comments begin with `#`.
 * @returns The same without its comments, empty lines and indentation.
 */
export function withoutComments(text: string): string {
    return text.replaceAll(/^[ \t]*(#(?!!).*)?\n/gm, "").replaceAll(/^[ \t]+/gm, "");
}

function readFile(name: string): string {
    return readFileSync(join(FOLDER, name), "utf8");
}
