import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { join } from "node:path";

import { APPLY_FROM_STDIN_COMMAND, applyFromText } from "./archive";
import { FROM_BASE91, toBase91 } from "./base91";
import { withoutComments } from "./comments";
import { shortDigest } from "./payload";

/** The installer's folder on the machine. */
const STATE = "/var/lib/derp-relay";
/** Applies an archive, given on standard input in base64. */
const APPLY_FROM_BASE64_COMMAND = `base64 -d | (${APPLY_FROM_STDIN_COMMAND})`;
/** A machine that has just booted gets its keys and files from cloud-init. */
export const WAIT_FOR_CLOUD_INIT =
    "if command -v cloud-init >/dev/null; then timeout 600 cloud-init status --wait >/dev/null 2>&1; fi";
/**
 * Shell commands that run a script in base64, the first line of standard input, and go no further when it fails. What
 * follows that line is left for what comes after them. Of a line without its end nothing is run: the connection was
 * lost, and half of a command may be another one.
 */
export const PREPARE = 'read -r first && printf %s "$first" | base64 -d | sh || exit 1; ';
const UNINSTALL_SCRIPT = withoutComments(
    readFileSync(join(__dirname, "remote", "uninstall.sh"), "utf8"),
);

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
 * @param archive The payload as `renderArchive` packs it, of {@link MOST_IN_COMMANDS} bytes at most.
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

/**
 * Shell command that applies an archive in base64, given on standard input, to the machine at the other end of
 * an SSH connection, and waits before it until a machine that has just booted has its keys and files.
 *
 * @param owner Whose relay it is, where the machine does not go with it.
 * @param isPrepared Whether what {@link PREPARE} reads stands before the archive.
 * @returns The command.
 */
export function applyOverSsh(owner?: string, isPrepared = false): string {
    if (owner === undefined) {
        const prepare = isPrepared ? PREPARE : "";
        return `${WAIT_FOR_CLOUD_INIT}; ${prepare}${APPLY_FROM_BASE64_COMMAND}`;
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
