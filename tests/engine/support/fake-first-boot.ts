import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdirSync } from "node:fs";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { basename, join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";

import { ensureDebianPackages } from "../../../components/host/packages";
import { FOLDER_VARIABLE } from "../../plugins/cloud/store";

/** The part of a `#cloud-config` document that a machine's sshd needs. */
interface CloudConfig {
    readonly write_files: readonly { readonly path: string; readonly content: string }[];
}

const SSHD = "/usr/sbin/sshd";

/**
 * Does what a machine does whose relay is to be installed over SSH: lets in whoever has the key, with real SSH, and
 * takes what comes. Nothing is installed.
 *
 * @param userData Its `#cloud-config` document.
 * @param address Where it listens, until something has come.
 * @param onInstalled Told what the payload would run, when the port is free again.
 */
export async function awaitFirstInstall(
    userData: string,
    address: string,
    onInstalled: (script: string) => Promise<void>,
): Promise<void> {
    await ensureDebianPackages({ [SSHD]: "openssh-server", setpriv: "util-linux" });
    mkdirSync("/run/sshd", { recursive: true });
    // It goes with the clouds, as the plugin may end before anybody has come.
    const folder = await mkdtemp(join(process.env[FOLDER_VARIABLE] ?? "", "first-boot-"));
    const { write_files: files } = JSON.parse(userData.replace(/^#.*$/gm, "")) as CloudConfig;
    for (const { path, content } of files) {
        // Its folder is another one here, and PAM is the host's.
        const text = content.replaceAll(/\/etc\/derp-first-boot/g, folder).replace("UsePAM", "#");
        await writeFile(join(folder, basename(path)), text, { mode: 0o600 });
    }
    const received = join(folder, "received");
    const command = `base64 -d | gzip -dc >${received}.new && mv ${received}.new ${received}`;
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
    const install = async () => {
        while (!existsSync(received)) await sleep(50);
        sshd.kill();
        await once(sshd, "exit");
        await onInstalled(await readFile(received, "utf8"));
        await rm(folder, { recursive: true });
    };
    void install();
}
