import { copyFile, mkdir, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { run, type RunResult } from "../../../components/host/run";
import { PROJECT_FOLDER } from "../../../scripts/project";
import { ensurePulumi } from "../../../scripts/toolchain/ensure-pulumi";
import type { PemPair } from "../../support/certificates";

const NAME = "engine";

/** A stack of the real program on the real engine, with a backend and a configuration of its own. */
export class EngineStack {
    readonly #folder: string;
    readonly #command: string;
    readonly #env: NodeJS.ProcessEnv;

    private constructor(folder: string, command: string, env: NodeJS.ProcessEnv) {
        this.#folder = folder;
        this.#command = command;
        this.#env = env;
    }

    /**
     * Makes a stack.
     *
     * @param stackFile A `Pulumi.<stack>.yaml` to begin with.
     * @returns The stack; whoever makes it removes it.
     */
    public static async create(stackFile?: string): Promise<EngineStack> {
        const folder = await mkdtemp(join(tmpdir(), "derp-relay-engine-"));
        const backend = join(folder, "backend");
        await mkdir(backend);
        const { root, env } = await ensurePulumi();
        const stack = new EngineStack(folder, join(root, "bin", "pulumi"), {
            ...process.env,
            ...env,
            PULUMI_BACKEND_URL: `file://${backend}`,
            PULUMI_CONFIG_PASSPHRASE: "for tests only",
        });
        if (stackFile !== undefined) {
            await copyFile(stackFile, stack.#configFile);
        }
        await stack.pulumi(["stack", "init", NAME]);
        return stack;
    }

    get #configFile(): string {
        return join(this.#folder, `Pulumi.${NAME}.yaml`);
    }

    /**
     * Runs the Pulumi CLI on the stack.
     *
     * @param args Its arguments.
     * @param input What it reads on standard input.
     * @returns What it printed, and its exit code, which may be any.
     */
    public pulumi(args: readonly string[], input?: string): Promise<RunResult> {
        const configFile = args[0] === "stack" ? [] : ["--config-file", this.#configFile];
        const stack = args[0] === "stack" ? [] : ["--stack", NAME];
        return run(this.#command, [...args, ...stack, ...configFile, "--color=never"], {
            cwd: PROJECT_FOLDER,
            env: this.#env,
            okCodes: Array.from({ length: 256 }, (_, code) => code),
            ...(input === undefined ? {} : { input }),
        });
    }

    /**
     * Sets a key of a region.
     *
     * @param path Path below the list of regions, such as `[0].regionId`.
     * @param value The value.
     * @param options `--secret`, when it is one.
     */
    public async set(path: string, value: string, ...options: readonly string[]): Promise<void> {
        const args = ["config", "set", "--path", `derp:regions${path}`, ...options];
        const { code, stderr } = await this.pulumi(args, value);
        if (code !== 0) {
            throw new Error(`${args.join(" ")}: ${stderr}`);
        }
    }

    /** Gives a region a certificate, as its documentation says. */
    public async setCertificate(index: number, pair: PemPair): Promise<void> {
        const path = `[${String(index)}].certificate`;
        await this.set(`${path}.mode`, "provided");
        await this.set(`${path}.certificate`, pair.certificate);
        await this.set(`${path}.privateKey`, pair.privateKey, "--secret");
    }

    /** Previews the stack. */
    public preview(...args: readonly string[]): Promise<RunResult> {
        return this.pulumi(["preview", "--non-interactive", ...args]);
    }

    /** Removes the stack with all its files. */
    public async remove(): Promise<void> {
        await rm(this.#folder, { recursive: true, force: true });
        // The CLI makes it although another file was named.
        await rm(join(PROJECT_FOLDER, `Pulumi.${NAME}.yaml`), { force: true });
    }
}
