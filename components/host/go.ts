import { existsSync } from "node:fs";
import { rename, rm } from "node:fs/promises";
import { join } from "node:path";

import { DEFAULT_GO_PROXIES, VERSIONS } from "../versions";
import { builtOnce, cacheFolder } from "./cache";
import { downloadFile } from "./download";
import { ensureDebianPackages, isInstalled } from "./packages";
import { run } from "./run";

/** Go's own default, which says that the user chose nothing. */
const UNCHOSEN = ["", "https://proxy.golang.org,direct"];

/** A Go toolchain with the environment to use it in. */
export interface Go {
    /** Path of the `go` command. */
    readonly command: string;
    /** Environment: caches of this project, and module proxies. */
    readonly env: NodeJS.ProcessEnv;
}

/**
 * Finds a Go that can build what this project needs: the user's own, or else the pinned one, from
 * a module proxy and by its checksum.
 *
 * @returns The toolchain.
 */
export async function ensureGo(): Promise<Go> {
    const own = await ownGo();
    const command = own ?? (await downloadedGo());
    return { command, env: await buildEnvironment(command) };
}

/** What a Go program is built from. */
export interface GoProgram {
    /** Name of the program, and of its folder in the cache. */
    readonly name: string;
    /** Version, part of the key in the cache. */
    readonly version: string;
    /** Folder with the `go.mod` and `go.sum` that pin everything it is built from. */
    readonly moduleFolder: string;
    /** Package that holds its `main`. */
    readonly package: string;
    /** Further arguments of `go build`, such as `-tags`. */
    readonly buildArgs?: readonly string[];
    /** Linker flags beside `-s -w`. */
    readonly ldflags?: string;
}

/**
 * Builds a Go program once.
 *
 * @param program What to build.
 * @returns Path of the program.
 */
export async function buildGoProgram(program: GoProgram): Promise<string> {
    const folder = await builtOnce({
        name: program.name,
        key: program.version,
        title: `building ${program.name} ${program.version} (some minutes, once)`,
        build: async (target, say) => {
            const { command, env } = await ensureGo();
            const flags = `-s -w ${program.ldflags ?? ""}`.trim();
            await run(
                command,
                [
                    ...[
                        "build",
                        "-mod=readonly",
                        "-buildvcs=false",
                        "-trimpath",
                        "-ldflags",
                        flags,
                    ],
                    ...(program.buildArgs ?? []),
                    ...["-o", join(target, "bin", program.name), program.package],
                ],
                { cwd: program.moduleFolder, env, onLine: say },
            );
        },
    });
    return join(folder, "bin", program.name);
}

async function ownGo(): Promise<string | undefined> {
    if (!isInstalled("go")) {
        return undefined;
    }
    // Outside of any module, and without Go's own download of another toolchain.
    // eslint-disable-next-line n/no-process-env -- the user's Go as the user set it up
    const env = { ...process.env, GOTOOLCHAIN: "local" };
    const { stdout } = await run("go", ["env", "GOVERSION"], { cwd: "/", env });
    return isAtLeast(stdout.trim().replace(/^go/, ""), VERSIONS.go) ? "go" : undefined;
}

async function downloadedGo(): Promise<string> {
    const arch = process.arch === "arm64" ? "arm64" : "amd64";
    if (process.platform !== "linux" || !["arm64", "x64"].includes(process.arch)) {
        throw new Error(
            `Go ${VERSIONS.go} or newer must be on the PATH: it can be fetched for Linux on amd64 ` +
                `and arm64 only, and this is ${process.platform} on ${process.arch}`,
        );
    }
    await ensureDebianPackages({ unzip: "unzip" });
    const folder = await builtOnce({
        name: "go",
        key: VERSIONS.go,
        title: `downloading Go ${VERSIONS.go}`,
        build: async (target) => {
            const module = `v0.0.1-go${VERSIONS.go}.linux-${arch}`;
            const zip = join(target, "go.zip");
            await downloadFile({
                urls: DEFAULT_GO_PROXIES.map(
                    (proxy) => `${proxy}/golang.org/toolchain/@v/${module}.zip`,
                ),
                sha256: VERSIONS.goZipSha256[arch],
                file: zip,
            });
            await run("unzip", ["-q", zip, "-d", target]);
            await rename(join(target, `golang.org/toolchain@${module}`), join(target, "root"));
            await makeUsable(join(target, "root"));
            await rm(zip);
        },
    });
    return join(folder, "root/bin/go");
}

/** Module zips carry no permissions, and no `go.mod` below their top: Go renames them. */
async function makeUsable(root: string): Promise<void> {
    await run("chmod", ["-R", "+x", join(root, "bin"), join(root, "pkg/tool")]);
    for (const folder of ["src", "src/cmd"]) {
        const hidden = join(root, folder, "_go.mod");
        if (existsSync(hidden)) {
            await rename(hidden, join(root, folder, "go.mod"));
        }
    }
}

async function buildEnvironment(command: string): Promise<NodeJS.ProcessEnv> {
    // eslint-disable-next-line n/no-process-env -- proxies and certificate authorities of the user
    const env = process.env;
    const { stdout } = await run(command, ["env", "GOPROXY"], { cwd: "/", env });
    const chosen = stdout.trim();
    return {
        ...env,
        GOTOOLCHAIN: "local",
        GOFLAGS: "",
        CGO_ENABLED: "0",
        GOMODCACHE: cacheFolder("go-mod"),
        GOCACHE: cacheFolder("go-build"),
        // With bars, any failure of a proxy leads to the next, not only a file that it lacks.
        GOPROXY: UNCHOSEN.includes(chosen) ? DEFAULT_GO_PROXIES.join("|") : chosen,
    };
}

/**
 * Compares versions of the form 1.2.3.
 *
 * @param found Version that is there.
 * @param wanted Version that is needed.
 * @returns True when the found one is the same or newer.
 */
export function isAtLeast(found: string, wanted: string): boolean {
    const numbers = (text: string) => text.split(".").map((part) => parseInt(part, 10) || 0);
    const [a, b] = [numbers(found), numbers(wanted)];
    const first = b.findIndex((part, index) => part !== (a[index] ?? 0));
    return first === -1 || (a[first] ?? 0) > (b[first] ?? 0);
}
