import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { gzipSync } from "node:zlib";

import type { VerifySettings } from "../verify";
import { FROM_BASE91, toBase91 } from "./base91";
import { type RelaySettings, renderEnv } from "./env";

/** What a machine is to run: every file with its text. */
export type Payload = Readonly<Record<string, string>>;

/** A certificate as files. */
export interface CertificateFiles {
    /** Certificate in PEM, the relay's own first. */
    readonly certificatePem: string;
    /** Its private key in PEM; a secret. */
    readonly privateKeyPem: string;
}

/** Everything that makes one relay different from another. */
export interface PayloadSettings extends RelaySettings {
    /** Whether only root may ask the cloud's metadata service, on a machine that is the relay's own. */
    readonly guardMetadata: boolean;
    /** Whether the machine installs its system's security updates by itself. */
    readonly securityUpdates: boolean;
    /** What the relay proves itself with. */
    readonly certificate:
        | ({ readonly mode: "manual" } & CertificateFiles)
        | Extract<RelaySettings["certificate"], { mode: "letsencrypt" | "files" }>
        | (Extract<RelaySettings["certificate"], { mode: "certbot" }> & {
              /** Script that makes and removes the record of a DNS-01 challenge; a secret. */
              readonly dnsHook?: string | undefined;
          });
}

/** Files that are the same on every machine, in `files/`. */
const FILES = [
    ...["90-derp-relay.conf", "common.sh", "health.sh", "system.sh", "service.sh", "build.sh"],
    ...["install.sh", "firewall.nft", "derper.service", "derp-relay-firewall.service"],
    ...["derp-relay-health.service", "derp-relay-health.timer", "derp-relay-repair.service"],
] as const;
/** What installs a certificate that comes as files. */
const INSTALL_FILES = ["files.sh", "cert-install.sh", "served.sh"] as const;
/** What orders such files. */
const CERTBOT_FILES = [
    ...["certbot.sh", "record.sh", "derp-relay-certbot.service", "derp-relay-certbot.timer"],
    ...["derp-relay-certbot-port.service", "derp-relay-cert-install.service"],
] as const;
/** Files that only some machines get: commands are small. */
const GUARD_FILES = ["metadata.nft"] as const;
/** The same for every tailnet that clients may be of. */
const TAILNET_FILES = ["derp-relay-tailscaled@.service", "tailnets.sh"] as const;
/** What answers for several. */
const ADMISSION_FILES = ["derp-relay-admission.service", "admission.go"] as const;
const FOLDER = join(__dirname, "files");
/**
 * The order in an archive that compresses best: 100 to 600 bytes less. What is not named here, keys and certificates, stands
 * behind it: when only that changes, the first part of a command stays as it is.
 */
const ORDER = [
    ...["relay.env", "common.sh", "tailnets.sh", "acme.sh", "health.sh"],
    ...["record.sh", "certbot.sh", "service.sh", "system.sh", "build.sh", "files.sh", "served.sh"],
    ...["cert-install.sh", "install.sh", "90-derp-relay.conf", "updates.sh", "no-updates.sh"],
    ...["firewall.nft", "metadata.nft", "derp-relay-firewall.service", "derper.service"],
    ...["derp-relay-tailscaled@.service", "derp-relay-repair.service", "derp-relay-health.service"],
    ...["derp-relay-certbot-port.service", "derp-relay-certbot.service", "derp-relay-health.timer"],
    ...["derp-relay-cert-install.service", "derp-relay-certbot.timer"],
    ...["derp-relay-admission.service", "admission.go"],
];
/** The installer's folder on the machine. */
const STATE = "/var/lib/derp-relay";
/**
 * Shell command that applies an archive, given on standard input, to the machine that runs it. Unpacks
 * where only root can read, because the archive holds the relay's private key.
 */
export const APPLY_FROM_STDIN_COMMAND =
    "umask 077;d=$(mktemp -d)&&trap 'rm -r $d' 0&&cd $d&&gzip -dc>x&&sh x&&sh install.sh";
/** The same where standard input is text: the archive in base64. */
const APPLY_FROM_BASE64_COMMAND = `base64 -d | (${APPLY_FROM_STDIN_COMMAND})`;
/** A machine that has just booted gets its keys and files from cloud-init. */
export const WAIT_FOR_CLOUD_INIT =
    "if command -v cloud-init >/dev/null; then timeout 600 cloud-init status --wait >/dev/null 2>&1; fi";
const UNINSTALL_SCRIPT = withoutComments(
    readFileSync(join(__dirname, "remote", "uninstall.sh"), "utf8"),
);
/** How long a machine of the place `local` waits for the internet at first boot, in seconds. */
const NETWORK_WAIT = 900;
/** Line that ends a file in the archive; no file has it. */
const END = "_E_";

/**
 * Puts together what a machine is to run: the real files of this project and, as the only
 * generated one, `relay.env`.
 *
 * @param settings What is special about this relay.
 * @returns The files. They hold the private key: keep them secret.
 * @throws {RangeError} If a setting has characters that a shell or systemd could act on.
 */
export function renderPayload(settings: PayloadSettings): Payload {
    return {
        "relay.env": renderEnv(settings),
        ...readFiles(FILES),
        ...(settings.guardMetadata ? readFiles(GUARD_FILES) : {}),
        // Only what switches them off again, where nobody wants them: it needs no room where they are on.
        ...readFiles([settings.securityUpdates ? "updates.sh" : "no-updates.sh"]),
        ...tailnetFiles(settings.verify),
        ...certificateFiles(settings.certificate),
    };
}

/** Each auth key is a file of its own, so that it never stands on a command line. */
function tailnetFiles(verify: VerifySettings): Payload {
    if (verify.mode !== "tailscale") {
        return {};
    }
    const { tailnets } = verify;
    return {
        ...readFiles(TAILNET_FILES),
        ...(tailnets.length > 1 && readFiles(ADMISSION_FILES)),
        ...Object.fromEntries(tailnets.map(({ name, authKey }) => [`auth-key.${name}`, authKey])),
    };
}

/** What only one way to a certificate needs. */
function certificateFiles(certificate: PayloadSettings["certificate"]): Payload {
    switch (certificate.mode) {
        case "manual":
            return {
                "relay.crt": certificate.certificatePem,
                "relay.key": certificate.privateKeyPem,
            };
        case "letsencrypt":
            return readFiles(["acme.sh", "record.sh"]);
        case "files":
            return readFiles(INSTALL_FILES);
        case "certbot": {
            const { dnsHook } = certificate;
            return {
                ...readFiles([...INSTALL_FILES, ...CERTBOT_FILES]),
                ...(dnsHook === undefined ? {} : { "dns-hook": dnsHook }),
            };
        }
    }
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
 * @throws {RangeError} If a file of the payload would end early.
 */
export function renderArchive(payload: Payload): Uint8Array {
    const files = { ...payload, digest: shortDigest(payloadDigest(payload)) };
    const script = Object.entries(files)
        .sort(([a], [b]) => placeOf(a) - placeOf(b))
        .map(([name, text]) => renderFile(name, text));
    // A smaller hash table makes shorter blocks: 40 bytes less than the default's.
    return gzipSync(script.join(""), { level: 9, memLevel: 5 });
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

function placeOf(name: string): number {
    const index = ORDER.indexOf(name);
    return index === -1 ? ORDER.length : index;
}

function renderFile(name: string, text: string): string {
    if (text.split("\n").includes(END)) {
        throw new RangeError(`${name} must not have the line ${END}`);
    }
    const end = text === "" || text.endsWith("\n") ? END : `\n${END}`;
    return `cat >${name} <<'${END}'\n${text}${end}\n`;
}

/**
 * The user data that installs a payload at first boot, in the place `local`: a script, which cloud-init runs once, as
 * root, when the machine is up.
 *
 * @param archive The archive as {@link renderArchive} packs it.
 * @returns A shell script. It holds the private key: keep it secret.
 */
export function renderUserData(archive: Uint8Array): string {
    const apply = applyFromText(`${FROM_BASE91} <<\\E`, toBase91(archive));
    return `#!/bin/sh\nexport NETWORK_WAIT=${String(NETWORK_WAIT)}\n${apply}`;
}

/** Cloud Assistant's agent writes a command to a file `….sh` that everybody can read, and may leave it there. */
const HIDE_COMMAND = 'case $0 in *.sh) chmod 600 "$0" ;; esac';

/** Most lines of base91 that fit into a command. */
const MOST_STORED_LINES = 3;
/** Most bytes of an archive that fit into two commands of 18 KB after base64. */
export const MOST_IN_COMMANDS = 20_000;

/** What applies a payload to a machine that runs already, where a cloud's agent runs scripts there as root. */
export interface PayloadCommands {
    /** Script that leaves the first part of the payload on the machine, for root alone; a secret. */
    readonly store: string;
    /** Script that installs it, with the rest; a secret. */
    readonly install: string;
}

/**
 * The commands that apply a payload to a machine that runs already. Two, because a payload may be larger than what a
 * cloud takes as one; the first has half of it at most.
 *
 * @param archive The payload as {@link renderArchive} packs it, of {@link MOST_IN_COMMANDS} bytes at most.
 * @returns The commands, in the order in which they are to run. They hold the private key: keep them secret.
 */
export function renderCommands(archive: Uint8Array): PayloadCommands {
    const lines = toBase91(archive).split(/(?<=\n)/);
    const count = Math.min(MOST_STORED_LINES, Math.ceil(lines.length / 2));
    const [first, rest] = [lines.slice(0, count).join(""), lines.slice(count).join("")];
    const digest = createHash("sha256").update(first).digest("hex");
    const [stored, file] = [`${STATE}/command`, `${STATE}/command.${shortDigest(digest)}`];
    return {
        store:
            // Where nothing has ever been installed, there is no folder either.
            `#!/bin/sh\n${HIDE_COMMAND}\nset -e\nmkdir -p ${STATE}\numask 077\nrm -f ${stored}.*\ncat >${stored}.new <<\\E\n${first}E\n` +
            `mv ${stored}.new ${file}\n`,
        install:
            `#!/bin/sh\n${HIDE_COMMAND}\n${WAIT_FOR_CLOUD_INIT}\n` +
            `[ -f ${file} ] || { echo "error: ${file} is missing: the command before this one writes it" >&2; exit 1; }\n` +
            applyFromText(`cat ${file} - <<\\E | ${FROM_BASE91}`, rest),
    };
}

/** Applies base91, of which the command makes a format for `printf`. */
function applyFromText(command: string, text: string): string {
    // Not within $(…): bash looks for its end in the text.
    return `${command} | printf "$(cat)" | (${APPLY_FROM_STDIN_COMMAND})\n${text}E\n`;
}

/**
 * Shell command that applies an archive in base64, given on standard input, to the machine at the other end of
 * an SSH connection, and waits before it until a machine that has just booted has its keys and files.
 *
 * @param owner Whose relay it is, where the machine does not go with it.
 * @returns The command.
 */
export function applyOverSsh(owner?: string): string {
    if (owner === undefined) {
        return `${WAIT_FOR_CLOUD_INIT}; ${APPLY_FROM_BASE64_COMMAND}`;
    }
    const [stack = ""] = owner.split("/");
    const file = `${STATE}/owner`;
    const refusal = `error: this server has the relay of $now (stack/region) already: destroy that one first`;
    return (
        `${WAIT_FOR_CLOUD_INIT}; now=$(cat ${file} 2>/dev/null); ` +
        `case $now in ''|'${stack}'/*) ;; *) echo "${refusal}" >&2; exit 1 ;; esac; ` +
        // Only what was installed is anybody's.
        `${APPLY_FROM_BASE64_COMMAND} && echo '${owner}' >${file}`
    );
}

/**
 * Shell script that takes the relay off a machine, unless it is somebody else's by now.
 *
 * @param owner Whose relay is to go.
 * @returns The script.
 */
export function uninstallOverSsh(owner: string): string {
    return `owner='${owner}'\n${UNINSTALL_SCRIPT}`;
}

/**
 * The cloud-init document of a machine whose payload arrives over SSH: it only gets the host key that is
 * expected of it, and lets the installer log in as root, whatever else the cloud makes of its key pair.
 *
 * @param hostKeyPem Private ECDSA host key in PEM; a secret.
 * @param loginKey Public key of the installer, as a line of `authorized_keys`.
 * @returns A `#cloud-config` document, in JSON, which is YAML without its traps.
 */
export function renderSshUserData(hostKeyPem: string, loginKey: string): string {
    const config = {
        write_files: [
            { path: "/root/.ssh/authorized_keys", permissions: "0600", content: `${loginKey}\n` },
        ],
        ssh_deletekeys: true,
        ssh_keys: { ecdsa_private: hostKeyPem },
        ssh_pwauth: false,
        disable_root: false,
    };
    return `#cloud-config\n${JSON.stringify(config)}\n`;
}

/**
 * Whole lines of comment and indentation stay at home: commands are small. Unit tests prove that
 * nothing else goes.
 *
 * @param text A script, unit or other file.
 * @param mark What a comment begins with.
 * @returns The same without its comments, empty lines and indentation.
 */
export function withoutComments(text: string, mark: "#" | "//" = "#"): string {
    const comment = mark === "#" ? "#(?!!)" : "//";
    return text
        .replaceAll(new RegExp(`^[ \\t]*(${comment}.*)?\\n`, "gm"), "")
        .replaceAll(/^[ \t]+/gm, "");
}

function readFiles(names: readonly string[]): Payload {
    const read = (name: string) => readFileSync(join(FOLDER, name), "utf8");
    const mark = (name: string) => (name.endsWith(".go") ? "//" : "#");
    return Object.fromEntries(names.map((name) => [name, withoutComments(read(name), mark(name))]));
}
