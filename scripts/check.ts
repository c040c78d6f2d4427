import { execFile } from "node:child_process";
import { dirname, isAbsolute, join } from "node:path";
import { promisify } from "node:util";

import { Command } from "commander";

import { ensureGo } from "../components/host/go";
import { ensureDebianPackages } from "../components/host/packages";
import { exitWithReason } from "./exit-with-reason";
import { PROJECT_FOLDER } from "./project";

/** A check of the whole checkout: a name and a command that must exit with 0 and no warning. */
interface Check {
    readonly name: string;
    readonly command: readonly [string, ...string[]];
    /** The others give way to it: it ends last, and keeps more than one core busy. */
    readonly isLongest?: boolean;
}

const COMMANDS = {
    shellcheck: "shellcheck",
    shfmt: "shfmt",
    yamllint: "yamllint",
    codespell: "codespell",
    nft: "nftables",
    dash: "dash",
    "systemd-analyze": "systemd",
    unshare: "util-linux",
} as const;

/** The longest come first, so that none is waited for alone at the end. */
const CHECKS: readonly Check[] = [
    {
        name: "lint",
        command: ["node", "--require", "tsx/cjs", "scripts/check/lint.ts"],
        isLongest: true,
    },
    {
        name: "format",
        command: [
            "prettier",
            "--check",
            ".",
            "--log-level=warn",
            "--cache",
            "--cache-location=node_modules/.cache/prettier-check",
        ],
    },
    // The native compiler: the same answers as the one that lint and tests load, in a third of the time.
    { name: "types", command: ["node", "node_modules/typescript-native/bin/tsc", "--noEmit"] },
    { name: "machine files", command: ["bash", "scripts/check/machine-files.sh"] },
    { name: "shell", command: ["bash", "scripts/check/shell.sh"] },
    { name: "yaml", command: ["yamllint", "--strict", "."] },
    { name: "dead code", command: ["knip", "--no-progress"] },
    { name: "markdown", command: ["markdownlint-cli2", "**/*.md", "#node_modules"] },
    { name: "spelling", command: ["codespell"] },
    {
        name: "generated docs",
        command: ["node", "--require", "tsx/cjs", "scripts/docs/generate.ts", "--check"],
    },
];
/** Two at a time: more only take memory on the small machines that this runs on. */
const PARALLEL = 2;

new Command("check")
    .description("Checks types, style, shell, YAML, dead code and documentation of the checkout.")
    .argument(
        "[names...]",
        `checks to run, all when none is named: ${CHECKS.map(({ name }) => name).join(", ")}`,
    )
    .action(check)
    .parseAsync()
    .catch(exitWithReason);

async function check(names: readonly string[]): Promise<void> {
    const unknown = names.filter((name) => !CHECKS.some((each) => each.name === name));
    if (unknown.length > 0) {
        throw new Error(`no such check: ${unknown.join(", ")}. See npm run check -- --help`);
    }
    const chosen = CHECKS.filter(({ name }) => names.length === 0 || names.includes(name));
    await ensureDebianPackages(COMMANDS);
    const { command: go } = await ensureGo();
    const queue = [...chosen];
    const failed: string[] = [];
    const worker = async () => {
        for (let next = queue.shift(); next !== undefined; next = queue.shift()) {
            if (!(await passes(next, go))) failed.push(next.name);
        }
    };
    await Promise.all(Array.from({ length: PARALLEL }, worker));
    if (failed.length > 0) {
        throw new Error(
            `${String(failed.length)} of ${String(chosen.length)} checks failed: ${failed.join(", ")}`,
        );
    }
}

async function passes({ name, command, isLongest = false }: Check, go: string): Promise<boolean> {
    const begun = Date.now();
    const folders = [join(PROJECT_FOLDER, "node_modules", ".bin")];
    // What is on the PATH needs no folder of its own.
    if (isAbsolute(go)) folders.push(dirname(go));
    const options = {
        cwd: PROJECT_FOLDER,
        env: { ...process.env, PATH: [...folders, process.env.PATH ?? ""].join(":") },
        maxBuffer: 2 ** 26,
    };
    const say = (mark: string, output: string) => {
        const took = `${String(Math.round((Date.now() - begun) / 1000))} s`;
        process.stdout.write(`${mark}  ${name} (${took})\n${output}`);
    };
    try {
        await promisify(execFile)("nice", ["-n", isLongest ? "0" : "10", ...command], options);
        say("good", "");
        return true;
    } catch (error) {
        const { stdout, stderr } = error as { stdout?: string; stderr?: string };
        say("bad ", `${stdout ?? ""}${stderr ?? String(error)}`);
        return false;
    }
}
