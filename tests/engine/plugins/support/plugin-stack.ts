import { mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

import {
    type DestroyResult,
    LocalWorkspace,
    type OutputMap,
    type PreviewResult,
    PulumiCommand,
    type PulumiFn,
    type Stack,
    type UpResult,
} from "@pulumi/pulumi/automation";

import { PROJECT_FOLDER } from "../../../../scripts/project";
import { ensurePulumi } from "../../../../scripts/toolchain/ensure-pulumi";

const NAME = "engine";
const PROJECT = "plugins";

/** A plugin of this project's tests. */
export interface Plugin {
    /** Name of its folder and of the package that it serves. */
    readonly name: string;
    /** Version of that package. */
    readonly version: string;
}

/** A resource in a state. */
export interface StateResource {
    readonly urn: string;
    readonly type: string;
    readonly id?: string;
    readonly outputs?: Readonly<Record<string, unknown>>;
}

interface StateFile {
    readonly checkpoint: { readonly latest: { readonly resources?: StateResource[] } };
}

/** A stack of inline programs on the real engine, with a home of its own that holds the plugins. */
export class PluginStack {
    /** All that the engine printed, of every run. */
    public printed = "";
    readonly #folder: string;
    readonly #stack: Stack;
    #empty = "";

    private constructor(folder: string, stack: Stack) {
        this.#folder = folder;
        this.#stack = stack;
    }

    /**
     * Makes a stack; whoever makes it removes it.
     *
     * @param plugins What the engine finds installed.
     * @returns The stack.
     */
    public static async create(...plugins: readonly Plugin[]): Promise<PluginStack> {
        const folder = await mkdtemp(join(tmpdir(), "derp-relay-plugins-"));
        const { root, env } = await ensurePulumi();
        const home = join(folder, "home");
        const backend = join(folder, "backend");
        await mkdir(backend);
        await Promise.all(plugins.map((plugin) => install(home, plugin)));
        const stack = await LocalWorkspace.createOrSelectStack(
            { stackName: NAME, projectName: PROJECT, program: () => Promise.resolve({}) },
            {
                pulumiCommand: await PulumiCommand.get({ root }),
                workDir: folder,
                pulumiHome: home,
                projectSettings: {
                    name: PROJECT,
                    runtime: "nodejs",
                    backend: { url: `file://${backend}` },
                },
                envVars: {
                    ...env,
                    PULUMI_HOME: home,
                    PULUMI_CONFIG_PASSPHRASE: "for tests only",
                    PULUMI_DISABLE_AUTOMATIC_PLUGIN_ACQUISITION: "true",
                },
            },
        );
        const created = new PluginStack(folder, stack);
        created.#empty = await created.state();
        return created;
    }

    readonly #options = {
        onOutput: (text: string): void => {
            this.printed += text;
        },
        color: "never" as const,
    };

    /** Previews a program. */
    public preview(program: PulumiFn): Promise<PreviewResult> {
        return this.#stack.preview({ program, ...this.#options });
    }

    /** Runs a program. */
    public up(program: PulumiFn): Promise<UpResult> {
        return this.#stack.up({ program, ...this.#options });
    }

    /** Runs a program and tells what it exports. */
    public async outputs(program: PulumiFn): Promise<OutputMap> {
        return (await this.up(program)).outputs;
    }

    /** Runs a program that must fail, and tells what the engine printed. */
    public async failure(program: PulumiFn): Promise<string> {
        const before = this.printed.length;
        const failed = await this.up(program).then(
            () => false,
            () => true,
        );
        if (!failed) {
            throw new Error("the program did not fail");
        }
        return this.printed.slice(before);
    }

    /** Removes all resources. */
    public destroy(): Promise<DestroyResult> {
        return this.#stack.destroy(this.#options);
    }

    /** Resources of a type in the state. */
    public async resources(type: string): Promise<StateResource[]> {
        const { checkpoint } = JSON.parse(await this.state()) as StateFile;
        return (checkpoint.latest.resources ?? []).filter((resource) => resource.type === type);
    }

    /** The state as it is stored, with secrets encrypted. */
    public state(): Promise<string> {
        return readFile(this.#stateFile, "utf8");
    }

    /**
     * Forgets all resources without deleting them: seconds faster than destroying them, and enough
     * where nothing outside the state is left.
     */
    public reset(): Promise<void> {
        return writeFile(this.#stateFile, this.#empty);
    }

    get #stateFile(): string {
        return join(this.#folder, "backend", ".pulumi", "stacks", PROJECT, `${NAME}.json`);
    }

    /** Removes the stack with all its files. */
    public remove(): Promise<void> {
        return rm(this.#folder, { recursive: true, force: true });
    }
}

async function install(home: string, { name, version }: Plugin): Promise<void> {
    const folder = join(home, "plugins", `resource-${name}-v${version}`);
    const script = join(folder, "run.cjs");
    const sdk = require.resolve("@pulumi/pulumi/provider");
    const provider = join(PROJECT_FOLDER, "tests", "plugins", name, "provider.ts");
    await mkdir(folder, { recursive: true });
    await writeFile(
        script,
        `const { main } = require(${JSON.stringify(sdk)});
const { createProvider } = require(${JSON.stringify(provider)});
main(createProvider(), process.argv.slice(2));
`,
    );
    const tsx = require.resolve("tsx/cjs");
    await writeFile(
        join(folder, `pulumi-resource-${name}`),
        `#!/bin/sh\nexec "${process.execPath}" --require "${tsx}" "${script}" "$@"\n`,
        { mode: 0o755 },
    );
}
