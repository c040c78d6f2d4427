import { gzipSync } from "node:zlib";

import { type Payload, payloadDigest, shortDigest } from "./payload";

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
/** Line that ends a file in the archive; no file has it. */
const END = "_E_";

/**
 * Shell command that applies an archive, given on standard input, to the machine that runs it. Unpacks
 * where only root can read, because the archive holds the relay's private key.
 */
export const APPLY_FROM_STDIN_COMMAND =
    "umask 077;d=$(mktemp -d)&&trap 'rm -r $d' 0&&cd $d&&gzip -dc>x&&sh x&&sh install.sh";

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
 * Applies an archive in base91 to the machine that runs it.
 *
 * @param command Makes a format for `printf` of what it is given on standard input.
 * @param text Base91, in lines.
 * @returns Shell lines.
 */
export function applyFromText(command: string, text: string): string {
    // Not within $(…): bash looks for its end in the text.
    return `${command} | printf "$(cat)" | (${APPLY_FROM_STDIN_COMMAND})\n${text}E\n`;
}
