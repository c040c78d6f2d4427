import { existsSync } from "node:fs";
import { mkdir, readdir, readFile, rename, rm, writeFile } from "node:fs/promises";
import { basename, delimiter, dirname, join } from "node:path";

import { builtOnce, cacheFolder } from "../../components/host/cache";
import { downloadFile, fetchText, WrongChecksumError } from "../../components/host/download";
import { buildGoProgram, isAtLeast } from "../../components/host/go";
import { findCommand } from "../../components/host/packages";
import { run } from "../../components/host/run";
import { VERSIONS } from "../../components/versions";
import { PROJECT_FOLDER } from "../project";

/** A Pulumi CLI that can run this project. */
export interface Pulumi {
    /** Folder that holds `bin/pulumi`. */
    readonly root: string;
    /** What the CLI needs in its environment beside the user's own. */
    readonly env: Record<string, string>;
}

/** Where the vendor publishes the CLI, and, on another host, its checksums. */
interface Vendor {
    /** Address below which the archives are. */
    readonly archives: string;
    /** Address of the list of SHA-256 sums. */
    readonly checksums: string;
}

const NUMBER = VERSIONS.pulumi.slice(1);
const VENDOR: Vendor = {
    archives: "https://get.pulumi.com/releases/sdk",
    checksums: `https://github.com/pulumi/pulumi/releases/download/${VERSIONS.pulumi}/pulumi-${NUMBER}-checksums.txt`,
};
const VENDORS_NAME = "pulumi-download";
const BUILT_NAME = "pulumi";
/** Tells the programs beside a built CLI which checkout they serve. */
const PROJECT_VARIABLE = "DERP_RELAY_PROJECT";
const TOOLCHAIN = join(PROJECT_FOLDER, "scripts", "toolchain");

/**
 * Finds or gets the Pulumi CLI: from the PATH if it is recent enough, else from the vendor, else
 * built from the Go module proxy with this project's own language host. The user's Pulumi home,
 * login and stacks are not touched.
 *
 * @returns The CLI.
 */
export async function ensurePulumi(): Promise<Pulumi> {
    const own = await ownPulumi();
    if (own !== undefined) {
        return prepared(own);
    }
    const vendors = isCached(VENDORS_NAME) ? cacheFolder(VENDORS_NAME, VERSIONS.pulumi) : undefined;
    const built = isCached(BUILT_NAME);
    const found = vendors ?? (built ? undefined : await downloadPulumi(VENDOR));
    return prepared(found ?? (await buildPulumi()));
}

function isCached(name: string): boolean {
    return existsSync(cacheFolder(name, VERSIONS.pulumi));
}

async function prepared(root: string): Promise<Pulumi> {
    const home = cacheFolder("pulumi-home");
    await mkdir(home, { recursive: true });
    return {
        root,
        env: {
            PATH: [join(root, "bin"), process.env.PATH ?? ""].join(delimiter),
            PULUMI_HOME: home,
            [PROJECT_VARIABLE]: PROJECT_FOLDER,
            PULUMI_SKIP_UPDATE_CHECK: "true",
        },
    };
}

async function ownPulumi(): Promise<string | undefined> {
    const pulumi = findCommand("pulumi");
    if (pulumi === undefined || findCommand("pulumi-language-nodejs") === undefined) {
        return undefined;
    }
    const { stdout } = await run(pulumi, ["version"], {
        env: { ...process.env, PULUMI_SKIP_UPDATE_CHECK: "true" },
    });
    const recent = isAtLeast(stdout.trim().slice(1), VERSIONS.pulumiMinimum.slice(1));
    // The Automation API wants a folder that holds `bin/pulumi`.
    return recent && basename(dirname(pulumi)) === "bin" ? dirname(dirname(pulumi)) : undefined;
}

/**
 * Downloads the CLI from its vendor, once. The archive must have the checksum that the vendor
 * publishes on another host.
 *
 * @param vendor Where to download from.
 * @returns Folder that holds `bin/pulumi`; undefined when the vendor cannot be reached from here.
 * @throws {Error} If the archive does not have the published checksum.
 */
export async function downloadPulumi(vendor: Vendor): Promise<string | undefined> {
    const archive = `pulumi-${VERSIONS.pulumi}-${platformName()}.tar.gz`;
    const sums = await fetchText(vendor.checksums).catch(() => "");
    const sha256 = sums
        .split("\n")
        .find((line) => line.trimEnd().endsWith(archive))
        ?.split(/\s+/)[0];
    if (sha256 === undefined) {
        return undefined;
    }
    const vendors = {
        name: VENDORS_NAME,
        key: VERSIONS.pulumi,
        title: `downloading the Pulumi CLI ${VERSIONS.pulumi}`,
        build: async (target: string) => {
            const file = join(target, archive);
            const bin = join(target, "bin");
            await downloadFile({ urls: [`${vendor.archives}/${archive}`], sha256, file });
            await mkdir(bin);
            await run("tar", ["-xzf", file, "-C", bin, "--strip-components=1"]);
            await rm(file);
        },
    };
    try {
        return await builtOnce(vendors);
    } catch (error) {
        // What is not the vendor's is an alarm; what cannot be fetched can be built.
        if (error instanceof WrongChecksumError) throw error;
        return undefined;
    }
}

async function buildPulumi(): Promise<string> {
    const program = await buildGoProgram({
        name: BUILT_NAME,
        version: VERSIONS.pulumi,
        moduleFolder: join(TOOLCHAIN, "pulumi"),
        package: "github.com/pulumi/pulumi/pkg/v3/cmd/pulumi",
        // Without it `pulumi version` prints an empty line.
        ldflags: `-X github.com/pulumi/pulumi/sdk/v3/go/common/version.Version=${VERSIONS.pulumi}`,
    });
    await addForwarders(dirname(program));
    return dirname(dirname(program));
}

/**
 * Puts what an official installation has beside the CLI: the language host and the runner of
 * dynamic resources. The CLI warns of those that it finds elsewhere on the PATH.
 *
 * @param bin Folder of the CLI, shared by all checkouts of this project.
 */
async function addForwarders(bin: string): Promise<void> {
    for (const name of await readdir(join(TOOLCHAIN, "bin"))) {
        const text = `#!/bin/sh\nexec "$${PROJECT_VARIABLE}/scripts/toolchain/bin/${name}" "$@"\n`;
        const file = join(bin, name);
        if ((await readFile(file, "utf8").catch(() => "")) === text) continue;
        // In one step: nobody can run a file that is being written.
        const written = `${file}.${String(process.pid)}`;
        await writeFile(written, text, { mode: 0o755 });
        await rename(written, file);
    }
}

function platformName(): string {
    return `${process.platform}-${process.arch === "arm64" ? "arm64" : "x64"}`;
}
