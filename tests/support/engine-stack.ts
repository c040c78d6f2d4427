import { copyFile, mkdir, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { run, type RunOptions, type RunResult } from "../../components/host/run";
import { PROJECT_FOLDER } from "../../scripts/project";
import { ensurePulumi } from "../../scripts/toolchain/ensure-pulumi";
import { StandIn } from "../plugins/cloud/stand-in";
import { installPlugins } from "../plugins/install-plugins";
import type { PemPair } from "./certificates";

const NAME = "engine";

/**
 * For stacks without a machine behind them: a relay would be waited for, and so would an SSH connection. What is only
 * done when a relay has answered is not done.
 */
export const NO_MACHINE = [
    ...["--exclude", "**RelayCheck::**", "--exclude", "**Command::**", "--exclude-dependents"],
];

/** Environment of a stack whose machines answer as relays do, on loopback, until the command of Pulumi ends. */
export const FAKE_MACHINES = {
    DERP_RELAY_STAND_IN_MACHINES: join(PROJECT_FOLDER, "tests/engine/support/fake-machines.ts"),
    DERP_RELAY_STAND_IN_ADDRESSES: ["127.0.77.1", "127.0.77.2", "127.0.77.3"].join(","),
};

/** Credentials that the stand-ins of the clouds accept. */
export const CREDENTIALS = {
    ALICLOUD_ACCESS_KEY: "test-alibaba",
    ALICLOUD_SECRET_KEY: "test-secret",
    TENCENTCLOUD_SECRET_ID: "test-tencent",
    TENCENTCLOUD_SECRET_KEY: "test-secret",
};

/** How an {@link EngineStack} is made. */
export interface EngineStackOptions {
    /** A `Pulumi.<stack>.yaml` to begin with. */
    readonly stackFile?: string;
    /** Folder of the Pulumi project; this checkout when not given. */
    readonly projectFolder?: string;
    /** What is different from the environment with credentials of both clouds. */
    readonly env?: Readonly<Record<string, string | undefined>>;
}

/**
 * A stack of the real program on the real engine, with a backend and a configuration of its own, and with
 * stand-ins of the clouds' plugins.
 */
export class EngineStack {
    /** The clouds. */
    public readonly cloud: StandIn;
    /** Folder that goes with the stack. */
    public readonly folder: string;
    readonly #command: string;
    readonly #env: NodeJS.ProcessEnv;

    readonly #project: string;

    private constructor(folder: string, command: string, env: NodeJS.ProcessEnv, project: string) {
        this.#project = project;
        this.folder = folder;
        this.cloud = StandIn.create(join(folder, "cloud"));
        this.#command = command;
        this.#env = env;
    }

    /**
     * Makes a stack.
     *
     * @param options What is special about it.
     * @returns The stack; whoever makes it removes it.
     */
    public static async create(options: EngineStackOptions = {}): Promise<EngineStack> {
        const { stackFile } = options;
        const folder = await mkdtemp(join(tmpdir(), "derp-relay-engine-"));
        const backend = join(folder, "backend");
        await mkdir(backend);
        const { root, env } = await ensurePulumi();
        const home = join(folder, "home");
        await installPlugins(home);
        const stack = new EngineStack(
            folder,
            join(root, "bin", "pulumi"),
            {
                ...process.env,
                ...env,
                PULUMI_BACKEND_URL: `file://${backend}`,
                PULUMI_CONFIG_PASSPHRASE: "for tests only",
                PULUMI_HOME: home,
                PULUMI_DISABLE_AUTOMATIC_PLUGIN_ACQUISITION: "true",
                ...StandIn.create(join(folder, "cloud")).env,
                ...CREDENTIALS,
                ...options.env,
            },
            options.projectFolder ?? PROJECT_FOLDER,
        );
        if (stackFile !== undefined) {
            await copyFile(stackFile, stack.configFile);
        }
        await copyFile(join(stack.#project, "Pulumi.yaml"), join(folder, "Pulumi.yaml"));
        const { code, stderr } = await stack.pulumi(["stack", "init", NAME]);
        if (code !== 0) throw new Error(`pulumi stack init: ${stderr}`);
        return stack;
    }

    /** The stack's configuration. */
    public get configFile(): string {
        return join(this.folder, `Pulumi.${NAME}.yaml`);
    }

    /**
     * Runs the Pulumi CLI on the stack.
     *
     * @param args Its arguments.
     * @param options As for every command.
     * @returns What it printed, and its exit code, which may be any.
     */
    public pulumi(args: readonly string[], options: RunOptions = {}): Promise<RunResult> {
        const configFile = ["stack", "cancel"].includes(args[0] ?? "")
            ? []
            : ["--config-file", this.configFile];
        const stack = args[0] === "stack" ? [] : ["--stack", NAME];
        return run(this.#command, [...args, ...stack, ...configFile, "--color=never"], {
            // Beside a copy of the project's file, because they keep there which stack is meant.
            cwd: args[0] === "stack" ? this.folder : this.#project,
            env: this.#env,
            okCodes: Array.from({ length: 256 }, (_, code) => code),
            ...options,
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
        await this.#config(["set", "--path", `derp:regions${path}`, ...options], { input: value });
    }

    /**
     * Sets many keys of a region at once: each call of the CLI takes its time.
     *
     * @param region Values by path below the region, such as `place.driver`.
     * @param index Which region.
     */
    public async configure(region: Readonly<Record<string, string>>, index = 0): Promise<void> {
        const pairs = Object.entries(region).flatMap(([key, value]) => [
            "--plaintext",
            `derp:regions[${String(index)}].${key}=${value}`,
        ]);
        await this.#config(["set-all", "--path", ...pairs]);
    }

    /** Gives a region a certificate, as its documentation says. */
    public async setCertificate(index: number, pair: PemPair): Promise<void> {
        const { certificate, privateKey } = pair;
        const plain = { "certificate.mode": "provided", "certificate.certificate": certificate };
        await this.configure(plain, index);
        await this.set(`[${String(index)}].certificate.privateKey`, privateKey, "--secret");
    }

    async #config(args: readonly string[], options: RunOptions = {}): Promise<void> {
        const { code, stderr } = await this.pulumi(["config", ...args], options);
        if (code !== 0) {
            throw new Error(`config ${args.join(" ")}: ${stderr}`);
        }
    }

    /** Previews the stack. */
    public preview(...args: readonly string[]): Promise<RunResult> {
        return this.pulumi(["preview", "--non-interactive", ...args]);
    }

    /** Brings the stack up. */
    public up(...args: readonly string[]): Promise<RunResult> {
        return this.pulumi(["up", "--yes", "--non-interactive", "--skip-preview", ...args]);
    }

    /** Destroys what the stack made. */
    public destroy(...args: readonly string[]): Promise<RunResult> {
        return this.pulumi(["destroy", "--yes", "--non-interactive", "--skip-preview", ...args]);
    }

    /** Removes the stack with all its files. */
    public async remove(): Promise<void> {
        await rm(this.folder, { recursive: true, force: true });
    }
}
