import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { join } from "node:path";

import { gzipSync } from "fflate";

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
/** Unpacks where only root can read: the archive holds the relay's private key. */
const INSTALL =
    'umask 077 && d=$(mktemp -d) && trap \'rm -rf "$d"\' EXIT && cd "$d" && ' +
    "gzip -dc >unpack.sh && sh unpack.sh && sh install.sh";
/** Line that ends a file in the archive; no file has it. */
const END = "END_OF_FILE";

/** Shell command that applies an archive, given on standard input, to the machine that runs it. */
export const APPLY_FROM_STDIN_COMMAND = INSTALL;

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
    const script = Object.entries(payload).map(([name, text]) => renderFile(name, text));
    return gzipSync(Buffer.from(script.join("")), { level: 9, mtime: 0 });
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
 * traps; gzipped, which cloud-init undoes by itself and which takes back what base64 costs.
 *
 * @param archive The payload as {@link renderArchive} packs it.
 * @returns The user data, gzipped.
 */
export function renderUserData(archive: Uint8Array): Uint8Array {
    return gzipSync(Buffer.from(renderCloudConfig(archive)), { level: 9, mtime: 0 });
}

/**
 * The same document as text.
 *
 * @param archive The payload as {@link renderArchive} packs it.
 * @returns A `#cloud-config` document.
 */
export function renderCloudConfig(archive: Uint8Array): string {
    const content = Buffer.from(archive).toString("base64");
    const config = {
        write_files: [{ path: ARCHIVE, permissions: "0600", encoding: "b64", content }],
        runcmd: [["sh", "-c", `(${INSTALL}) <${ARCHIVE}; code=$?; rm -f ${ARCHIVE}; exit $code`]],
    };
    return `#cloud-config\n${JSON.stringify(config)}\n`;
}

/**
 * Whole lines of comment stay at home: user data is small. Unit tests prove that nothing else goes.
 *
 * @param text A script, unit or other file whose comments begin with `#`.
 * @returns The same without its comments and empty lines.
 */
export function withoutComments(text: string): string {
    return text.replaceAll(/^[ \t]*(#(?!!).*)?\n/gm, "");
}

function readFile(name: string): string {
    return readFileSync(join(FOLDER, name), "utf8");
}
