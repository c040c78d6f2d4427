import { applyFromText } from "./archive";
import { FROM_BASE91, toBase91 } from "./base91";

/** How long a machine of the place `local` waits for the internet at first boot, in seconds. */
const NETWORK_WAIT = 900;

/**
 * The user data that installs a payload at first boot, in the place `local`: a script, which cloud-init runs once, as
 * root, when the machine is up.
 *
 * @param archive The archive as `renderArchive` packs it.
 * @returns A shell script. It holds the private key: keep it secret.
 */
export function renderLocalUserData(archive: Uint8Array): string {
    const apply = applyFromText(`${FROM_BASE91} <<\\E`, toBase91(archive));
    return `#!/bin/sh\nexport NETWORK_WAIT=${String(NETWORK_WAIT)}\n${apply}`;
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
