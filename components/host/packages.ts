import { accessSync, constants, existsSync } from "node:fs";
import { delimiter, isAbsolute, join } from "node:path";

import { step } from "./progress";
import { run } from "./run";

/**
 * Looks for a command on the PATH.
 *
 * @param command Name of the command, or an absolute path of any file.
 * @param path Folders to look in, as in `PATH`; this process's own when absent.
 * @returns Its path, or undefined.
 */
export function findCommand(command: string, path = ownPath()): string | undefined {
    if (isAbsolute(command)) {
        return existsSync(command) ? command : undefined;
    }
    const folders = path.split(delimiter);
    return folders
        .map((folder) => join(folder, command))
        .find((file) => {
            try {
                accessSync(file, constants.X_OK);
                return true;
            } catch {
                return false;
            }
        });
}

function ownPath(): string {
    // eslint-disable-next-line n/no-process-env -- where else would commands be found
    return process.env.PATH ?? "";
}

/**
 * Whether a command can be run on this host, or a file exists.
 *
 * @param command Name of the command, or an absolute path of any file.
 * @param path Folders to look in, as in `PATH`; this process's own when absent.
 * @returns True when it is there.
 */
export function isInstalled(command: string, path?: string): boolean {
    return findCommand(command, path) !== undefined;
}

/**
 * Installs the Debian packages of the commands and files that are missing; says which before it
 * does.
 *
 * @param commands Debian package of each command, or of each file by its absolute path.
 * @throws {Error} If some are missing and cannot be installed here, with their names.
 */
export async function ensureDebianPackages(
    commands: Readonly<Record<string, string>>,
): Promise<void> {
    const missing = Object.entries(commands).filter(([command]) => !isInstalled(command));
    if (missing.length === 0) {
        return;
    }
    const packages = [...new Set(missing.map(([, name]) => name))];
    const names = missing.map(([command]) => command).join(", ");
    if (!isInstalled("apt-get")) {
        throw new Error(
            `these commands must be installed: ${names}. This system has no apt-get: install them ` +
                `with its own package manager; Debian calls the packages ${packages.join(" ")}`,
        );
    }
    await step(`installing Debian packages ${packages.join(" ")} (for ${names})`, () =>
        install(packages),
    );
}

async function install(packages: readonly string[]): Promise<void> {
    const args = ["install", "--yes", "--no-install-recommends", ...packages];
    try {
        await aptGet(args);
    } catch {
        // Most often the lists are old or were never fetched.
        await aptGet(["update"]);
        await aptGet(args);
    }
}

async function aptGet(args: readonly string[]): Promise<void> {
    const quiet = ["--quiet", "--option=DPkg::Lock::Timeout=120", ...args];
    const root = process.geteuid?.() === 0;
    // eslint-disable-next-line n/no-process-env -- apt-get keeps the caller's proxy settings
    const env = { ...process.env, DEBIAN_FRONTEND: "noninteractive" };
    if (root) {
        await run("apt-get", quiet, { env });
    } else {
        await run("sudo", [
            "--non-interactive",
            "DEBIAN_FRONTEND=noninteractive",
            "apt-get",
            ...quiet,
        ]);
    }
}
