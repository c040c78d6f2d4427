import { readFileSync } from "node:fs";
import { join } from "node:path";

import { APPLY_FROM_STDIN_COMMAND } from "./archive";
import { withoutComments } from "./comments";
import { WAIT_FOR_CLOUD_INIT } from "./deliver";

/** What a machine is to know before its relay is installed over SSH, on the relay's own port. */
export interface FirstBoot {
    /** Private ECDSA host key in PEM, which proves to the installer that this is the machine; a secret. */
    readonly hostKeyPem: string;
    /** Public key of the installer, as a line of `authorized_keys`. */
    readonly loginKey: string;
    /** TCP port: the relay's, because no other is open. */
    readonly port: number;
    /** Digest of what will be installed, where another one is to make another machine. */
    readonly digest?: string | undefined;
}

const FOLDER = "/etc/derp-first-boot";
const UNIT = "derp-first-boot.service";
const read = (...path: readonly string[]) =>
    withoutComments(readFileSync(join(__dirname, ...path), "utf8"));
const UNIT_TEXT = read("first-boot", UNIT);
const DROP_IN = "/etc/systemd/system/ssh.service.d/derp-first-boot.conf";
const DROP_IN_TEXT = read("first-boot", "ssh.service.conf");
const CONFIG_TEXT = read("first-boot", "sshd_config");
/** `apply` is what the script calls to install what it is given. */
const INSTALL_TEXT =
    `${WAIT_FOR_CLOUD_INIT}\napply() { ${APPLY_FROM_STDIN_COMMAND}; }\n` +
    read("first-boot", "first-install.sh");
const INSTALL_FILE = `${FOLDER}/first-install.sh`;

/**
 * The cloud-init document of a machine that has no port for SSH. Until its relay is installed for the first time, an
 * sshd of its own lets the installer in on the relay's port, with one key; nothing else about the machine's SSH changes.
 *
 * @param boot What the machine is to know.
 * @returns A `#cloud-config` document, in JSON. It holds the private host key: keep it secret.
 */
export function renderFirstBootUserData(boot: FirstBoot): string {
    const { hostKeyPem, loginKey, port, digest } = boot;
    const config = {
        write_files: [
            { path: `${FOLDER}/host_key`, permissions: "0600", content: hostKeyPem },
            { path: `${FOLDER}/authorized_keys`, permissions: "0600", content: `${loginKey}\n` },
            {
                path: `${FOLDER}/sshd_config`,
                permissions: "0644",
                content: `Port ${String(port)}\n${CONFIG_TEXT}`,
            },
            { path: INSTALL_FILE, permissions: "0600", content: INSTALL_TEXT },
            { path: `/etc/systemd/system/${UNIT}`, permissions: "0644", content: UNIT_TEXT },
            { path: DROP_IN, permissions: "0644", content: DROP_IN_TEXT },
        ],
        runcmd: [["systemctl", "enable", "--now", UNIT]],
    };
    const mark = digest === undefined ? "" : `# payload ${digest}\n`;
    return `#cloud-config\n${mark}${JSON.stringify(config)}\n`;
}

/**
 * Shell command that installs an archive in base64, given on standard input, on the machine at the other end of such a
 * connection. When the relay serves, its port is the relay's and nobody can log in any more; when it does not, the
 * machine waits on that port for the next try.
 */
export const INSTALL_AT_FIRST_BOOT_COMMAND = `sh ${INSTALL_FILE}`;
