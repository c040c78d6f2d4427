import { existsSync } from "node:fs";
import { copyFile, mkdir, readdir, readFile, rename, symlink, writeFile } from "node:fs/promises";
import { isIPv4 } from "node:net";
import { dirname, join } from "node:path";

import { ensureRootfs } from "../../host/rootfs";
import { run } from "../../host/run";
import { machineNames, type MachineNames, MACHINES_FOLDER, networkNames } from "./names";

/** Where distributions keep the certificate authorities that the host trusts. */
const CA_BUNDLES = ["/etc/ssl/certs/ca-certificates.crt", "/etc/pki/tls/certs/ca-bundle.crt"];
const MACHINE_CA_BUNDLE = "/etc/ssl/certs/ca-certificates.crt";
/** Alibaba's and Cloudflare's public resolvers, when the host's own listen on loopback only. */
const PUBLIC_RESOLVERS = ["223.5.5.5", "1.1.1.1"];

/** Where a machine is told its address. */
const NETWORK_FILE = "/etc/systemd/network/10-host0.network";

/** What a fresh machine gets before its first boot. */
export interface FirstBoot {
    /** Its names on the host. */
    readonly names: MachineNames;
    /** Its IPv4 address. */
    readonly address: string;
    /** Its user data. */
    readonly userData: string;
    /** Packages that it has beside the usual ones. */
    readonly packages?: readonly string[];
}

/**
 * Unpacks a machine's root file system and gives it what a cloud gives: an address, a resolver,
 * and user data through cloud-init's NoCloud data source.
 *
 * @param boot The machine.
 */
export async function createRootFileSystem(boot: FirstBoot): Promise<void> {
    const tarball = await ensureRootfs(boot.packages);
    // Whole or not there: half a root file system would never boot.
    const rootfs = `${boot.names.rootfs}.unfinished`;
    await mkdir(rootfs, { recursive: true, mode: 0o700 });
    await run("tar", ["--zstd", "-xf", tarball, "-C", rootfs, "--numeric-owner"]);
    await writeFiles(rootfs, identity(boot));
    await writeFiles(rootfs, networkFiles(boot.address, await resolvers()));
    await writeFiles(rootfs, seedFiles(boot));
    await enableUnit(rootfs, "systemd-networkd.service");
    await copyAuthorities(rootfs);
    await rename(rootfs, boot.names.rootfs);
}

/**
 * Looks for the machine that has an address, running or not.
 *
 * @param address IPv4 address.
 * @returns Name of the machine, or undefined when the address is free.
 */
export async function findMachineAt(address: string): Promise<string | undefined> {
    for (const machine of await listMachines()) {
        const file = join(machineNames(machine).rootfs, NETWORK_FILE);
        const text = await readFile(file, "utf8").catch(() => "");
        if (text.includes(`\nAddress=${address}/24\n`)) {
            return machine;
        }
    }
    return undefined;
}

/**
 * Lists the machines of the `local` place on this host, of every stack.
 *
 * @returns Their names.
 */
export async function listMachines(): Promise<readonly string[]> {
    return readdir(MACHINES_FOLDER).catch(() => []);
}

async function enableUnit(rootfs: string, unit: string): Promise<void> {
    const wants = join(rootfs, "/etc/systemd/system/multi-user.target.wants");
    await mkdir(wants, { recursive: true });
    await symlink(`/lib/systemd/system/${unit}`, join(wants, unit));
}

async function writeFiles(rootfs: string, files: Readonly<Record<string, string>>): Promise<void> {
    for (const [path, content] of Object.entries(files)) {
        const file = join(rootfs, path);
        await mkdir(dirname(file), { recursive: true });
        await writeFile(file, content, { mode: path.includes("/seed/") ? 0o600 : 0o644 });
    }
}

function identity({ names }: FirstBoot): Record<string, string> {
    return {
        "/etc/hostname": `${names.machine}\n`,
        "/etc/hosts": `127.0.0.1 localhost\n127.0.1.1 ${names.machine}\n`,
        // Filled in by systemd at first boot: two machines must not share one.
        "/etc/machine-id": "",
    };
}

function networkFiles(address: string, nameservers: readonly string[]): Record<string, string> {
    const { gateway } = networkNames(address);
    return {
        [NETWORK_FILE]:
            `[Match]\nName=host0\n\n[Network]\nAddress=${address}/24\nGateway=${gateway}\n` +
            "LinkLocalAddressing=no\n",
        "/etc/resolv.conf": nameservers.map((server) => `nameserver ${server}\n`).join(""),
    };
}

function seedFiles({ names, userData }: FirstBoot): Record<string, string> {
    return {
        // A cloud's image has locales and an SSH server; this small one has neither.
        "/etc/cloud/cloud.cfg.d/90-derp-relay-local.cfg":
            "datasource_list: [NoCloud]\nnetwork: {config: disabled}\n" +
            "locale: false\nssh_genkeytypes: []\n",
        "/var/lib/cloud/seed/nocloud/meta-data": `instance-id: ${names.machine}\n`,
        "/var/lib/cloud/seed/nocloud/user-data": userData,
    };
}

async function resolvers(): Promise<readonly string[]> {
    const found: string[] = [];
    for (const file of ["/run/systemd/resolve/resolv.conf", "/etc/resolv.conf"]) {
        const text = existsSync(file) ? await readFile(file, "utf8") : "";
        const servers = [...text.matchAll(/^nameserver\s+(\S+)/gm)].map(
            ([, server]) => server ?? "",
        );
        found.push(...servers.filter((server) => isIPv4(server) && !server.startsWith("127.")));
    }
    return found.length > 0 ? [...new Set(found)] : PUBLIC_RESOLVERS;
}

/** The host may sit behind a proxy that inspects TLS: the machine trusts what the host trusts. */
async function copyAuthorities(rootfs: string): Promise<void> {
    const bundle = CA_BUNDLES.find((file) => existsSync(file));
    if (bundle !== undefined) {
        await copyFile(bundle, join(rootfs, MACHINE_CA_BUNDLE));
    }
}
