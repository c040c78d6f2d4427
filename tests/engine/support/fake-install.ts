import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdirSync } from "node:fs";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { basename, join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";

import { ensureDebianPackages } from "../../../components/host/packages";
import { SSH_PORT } from "../../../components/ports";
import { FOLDER_VARIABLE } from "../../plugins/cloud/store";

/** The part of a `#cloud-config` document that a machine's sshd needs. */
interface CloudConfig {
    readonly write_files: readonly { readonly path: string; readonly content: string }[];
    /** With a port for SSH only. */
    readonly ssh_keys?: { readonly ecdsa_private: string };
}

const SSHD = "/usr/sbin/sshd";

/**
 * Does what a machine does whose relay is to be installed over SSH: lets in whoever has the key, with real SSH, and
 * takes what comes. Nothing is installed, and nothing else is run.
 *
 * @param userData Its `#cloud-config` document.
 * @param address Where it listens, until something has come.
 * @param onInstalled Told what the payload would run, when the port is free again.
 */
export async function awaitInstall(
    userData: string,
    address: string,
    onInstalled: (script: string) => Promise<void>,
): Promise<void> {
    await ensureDebianPackages({ [SSHD]: "openssh-server", setpriv: "util-linux" });
    mkdirSync("/run/sshd", { recursive: true });
    // It goes with the clouds, as the plugin may end before anybody has come.
    const folder = await mkdtemp(join(process.env[FOLDER_VARIABLE] ?? "", "sshd-"));
    for (const [name, content] of filesOf(userData)) {
        // Its folder is another one here, and PAM is the host's.
        const text = content.replaceAll(/\/etc\/derp-first-boot/g, folder).replace("UsePAM", "#");
        await writeFile(join(folder, name), text, { mode: 0o600 });
    }
    const received = join(folder, "received");
    const command =
        // Whether a server is there, before anything is sent.
        `[ "$SSH_ORIGINAL_COMMAND" = true ] || ` +
        `{ base64 -d | gzip -dc >${received}.new && mv ${received}.new ${received}; }`;
    // It ends with the plugin, however that ends.
    const sshd = spawn(
        "setpriv",
        [
            ...["--pdeathsig", "KILL", SSHD, "-D", "-f", join(folder, "sshd_config")],
            ...["-o", `ListenAddress=${address}`, "-o", "StrictModes=no"],
            ...["-o", `ForceCommand=${command}`],
        ],
        { stdio: "ignore" },
    );
    await once(sshd, "spawn");
    sshd.unref();
    const install = async () => {
        while (!existsSync(received)) await sleep(50, undefined, { ref: false });
        sshd.kill();
        await once(sshd, "exit");
        await onInstalled(await readFile(received, "utf8"));
        await rm(folder, { recursive: true });
    };
    void install();
}

/** What sshd reads, by name: that of the first boot, or the image's own, which is on the port for SSH. */
function filesOf(userData: string): [string, string][] {
    const { write_files: files, ssh_keys: keys } = JSON.parse(
        userData.replace(/^#.*$/gm, ""),
    ) as CloudConfig;
    const written = files.map(({ path, content }): [string, string] => [basename(path), content]);
    if (keys === undefined) return written;
    const lines = [
        `Port ${String(SSH_PORT)}`,
        "HostKey /etc/derp-first-boot/host_key",
        "AuthorizedKeysFile /etc/derp-first-boot/authorized_keys",
        "PidFile none",
    ];
    return [...written, ["host_key", keys.ecdsa_private], ["sshd_config", `${lines.join("\n")}\n`]];
}
