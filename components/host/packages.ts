import { accessSync, constants } from "node:fs";
import { delimiter, join } from "node:path";

import { step } from "./progress";
import { run } from "./run";

/**
 * Looks for a command on the PATH.
 *
 * @param command Name of the command.
 * @returns Its path, or undefined.
 */
export function findCommand(command: string): string | undefined {
    // eslint-disable-next-line n/no-process-env -- where else would commands be found
    const folders = (process.env.PATH ?? "").split(delimiter);
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

/**
 * Whether a command can be run on this host.
 *
 * @param command Name of the command.
 * @returns True when it is on the PATH.
 */
export function isInstalled(command: string): boolean {
    return findCommand(command) !== undefined;
}

/**
 * Installs the Debian packages of the commands that are missing; says which before it does.
 *
 * @param commands Debian package of each command.
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
