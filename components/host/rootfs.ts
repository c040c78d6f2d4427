import { createHash } from "node:crypto";
import { existsSync } from "node:fs";
import { readdir, readFile, rename } from "node:fs/promises";
import { join } from "node:path";

import { VERSIONS } from "../versions";
import { builtOnce } from "./cache";
import { run } from "./run";
import { reasonOf } from "../reason-of";

/**
 * What a cloud's Debian image has and a minimal one lacks. nftables is there so that the relay's
 * firewall is exercised.
 */
const PACKAGES = [
    ...["ca-certificates", "cloud-init", "curl", "dbus", "iproute2", "iputils-ping", "kmod"],
    ...["nftables", "procps", "systemd", "systemd-sysv", "udev", "unzip"],
];
/** What signs the packages; Debian's own tools find it by themselves. */
export const DEBIAN_KEYRING = "/usr/share/keyrings/debian-archive-keyring.gpg";
const MIRRORS = [
    "http://deb.debian.org/debian",
    "http://mirrors.aliyun.com/debian",
    "http://mirrors.tuna.tsinghua.edu.cn/debian",
];

/**
 * Makes the root file system of the machines of the `local` place, once.
 *
 * @param extra Packages that they have beside the usual ones.
 * @returns Path of a tar archive, compressed with zstd.
 * @throws {Error} If no mirror serves it; names each one with its reason.
 */
export async function ensureRootfs(extra: readonly string[] = []): Promise<string> {
    const packages = [...PACKAGES, ...extra];
    const key = createHash("sha256").update(packages.join(" ")).digest("hex").slice(0, 12);
    const folder = await builtOnce({
        name: "rootfs",
        key: `${VERSIONS.debian}-${process.arch}-${key}`,
        title: `making a Debian ${VERSIONS.debian} root file system (about a minute, once)`,
        build: async (target, say) => {
            await fromFirstMirror({ file: join(target, "rootfs.tar.zst"), packages }, say);
        },
    });
    return join(folder, "rootfs.tar.zst");
}

interface Wanted {
    readonly file: string;
    readonly packages: readonly string[];
}

async function fromFirstMirror(wanted: Wanted, say: (detail: string) => void): Promise<void> {
    const reasons: string[] = [];
    for (const mirror of [...new Set([...(await ownMirrors()), ...MIRRORS])]) {
        say(mirror);
        try {
            await bootstrap(wanted, mirror, say);
            return;
        } catch (error) {
            const message = reasonOf(error);
            reasons.push(`  ${mirror}: ${message.split("\n").slice(-3).join(" ")}`);
        }
    }
    throw new Error(["no Debian mirror serves the root file system:", ...reasons].join("\n"));
}

async function bootstrap(
    { file, packages }: Wanted,
    mirror: string,
    say: (detail: string) => void,
): Promise<void> {
    const partial = `${file}.partial.tar.zst`;
    await run(
        "mmdebstrap",
        [
            ...["--variant=minbase", `--include=${packages.join(",")}`],
            ...(existsSync(DEBIAN_KEYRING) ? [`--keyring=${DEBIAN_KEYRING}`] : []),
            ...["--aptopt=Acquire::Retries 2", VERSIONS.debian, partial, mirror],
        ],
        { onLine: say },
    );
    await rename(partial, file);
}

/** The mirror that a Debian host uses itself is the best one to ask first. */
async function ownMirrors(): Promise<readonly string[]> {
    const folder = "/etc/apt/sources.list.d";
    const files = existsSync(folder)
        ? (await readdir(folder)).map((name) => join(folder, name))
        : [];
    const texts = await Promise.all(
        ["/etc/apt/sources.list", ...files].map((file) => readFile(file, "utf8").catch(() => "")),
    );
    const urls = texts.join("\n").matchAll(/https?:\/\/\S+?\/debian(?=\/?\s)/g);
    return [...urls].map(([url]) => url);
}
