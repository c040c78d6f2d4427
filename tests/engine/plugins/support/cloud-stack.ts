import { mkdir, mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

import {
    type EngineEvent,
    LocalWorkspace,
    type OpType,
    PulumiCommand,
    type PulumiFn,
    type Stack,
} from "@pulumi/pulumi/automation";

import { ensurePulumi } from "../../../../scripts/toolchain/ensure-pulumi";
import { StandIn } from "../../../plugins/cloud/stand-in";
import { installPlugins } from "../../../plugins/install-plugins";

const NAME = "clouds";

/** What a run did or, in a preview, would do. */
export interface Run {
    /** All that the engine printed. */
    readonly output: string;
    /** Whether it came to its end without an error. */
    readonly isGood: boolean;
    /** Operations on the resources with these names; those that stay as they are have none. */
    readonly operations: Readonly<Record<string, OpType[]>>;
    /** Paths of properties that differ, by name of the resource, with how they do. */
    readonly differences: Readonly<Record<string, Readonly<Record<string, string>>>>;
    readonly outputs: Readonly<Record<string, unknown>>;
}

/** A stack of inline programs on the real engine, with clouds of its own. */
export class CloudStack {
    public readonly clouds: StandIn;
    readonly #folder: string;
    readonly #stack: Stack;

    private constructor(folder: string, clouds: StandIn, stack: Stack) {
        this.#folder = folder;
        this.clouds = clouds;
        this.#stack = stack;
    }

    /**
     * Makes a stack; whoever makes it removes it.
     *
     * @param env What else the engine and its plugins have in their environment.
     */
    public static async create(env: Readonly<Record<string, string>> = {}): Promise<CloudStack> {
        const folder = await mkdtemp(join(tmpdir(), "derp-relay-clouds-"));
        const pulumi = await ensurePulumi();
        const home = join(folder, "home");
        const backend = join(folder, "backend");
        await mkdir(backend);
        await installPlugins(home);
        const clouds = StandIn.create(join(folder, "clouds"));
        const stack = await LocalWorkspace.createOrSelectStack(
            { stackName: NAME, projectName: NAME, program: () => Promise.resolve({}) },
            {
                pulumiCommand: await PulumiCommand.get({ root: pulumi.root }),
                workDir: folder,
                pulumiHome: home,
                projectSettings: {
                    name: NAME,
                    runtime: "nodejs",
                    backend: { url: `file://${backend}` },
                },
                envVars: {
                    ...pulumi.env,
                    ...clouds.env,
                    ...env,
                    PULUMI_HOME: home,
                    PULUMI_CONFIG_PASSPHRASE: "for tests only",
                    PULUMI_DISABLE_AUTOMATIC_PLUGIN_ACQUISITION: "true",
                },
            },
        );
        return new CloudStack(folder, clouds, stack);
    }

    public preview(program: PulumiFn): Promise<Run> {
        return this.#run((options) => this.#stack.preview({ program, ...options }));
    }

    public up(program: PulumiFn): Promise<Run> {
        return this.#run((options) => this.#stack.up({ program, ...options }));
    }

    /** Runs a program that must come to its end. */
    public async goodUp(program: PulumiFn): Promise<Run> {
        return good(await this.up(program));
    }

    /** Runs a program that must fail, and tells what was printed. */
    public async failure(program: PulumiFn): Promise<string> {
        const { isGood, output } = await this.up(program);
        if (isGood) {
            throw new Error(`it did not fail:\n${output}`);
        }
        return output;
    }

    public refresh(): Promise<Run> {
        return this.#run((options) => this.#stack.refresh(options));
    }

    public destroy(): Promise<Run> {
        return this.#run((options) => this.#stack.destroy(options));
    }

    /** The state as it is stored. */
    public async state(): Promise<string> {
        const stacks = join(this.#folder, "backend", ".pulumi", "stacks", NAME);
        return readFile(join(stacks, `${NAME}.json`), "utf8");
    }

    /** Removes the stack with all its files. */
    public remove(): Promise<void> {
        return rm(this.#folder, { recursive: true, force: true });
    }

    async #run(action: (options: RunOptions) => Promise<unknown>): Promise<Run> {
        const events: EngineEvent[] = [];
        let output = "";
        const options: RunOptions = {
            color: "never",
            onOutput: (text) => {
                output += text;
            },
            onEvent: (event) => {
                events.push(event);
            },
        };
        const failure = await action(options).then(
            () => undefined,
            (error: unknown) => String(error),
        );
        const outputs = failure === undefined ? await this.#stack.outputs() : {};
        return {
            output: output + (failure ?? ""),
            isGood: failure === undefined,
            ...summary(events),
            outputs: Object.fromEntries(
                Object.entries(outputs).map(([name, { value }]) => [name, value as unknown]),
            ),
        };
    }
}

interface RunOptions {
    readonly color: "never";
    readonly onOutput: (text: string) => void;
    readonly onEvent: (event: EngineEvent) => void;
}

/** Fails a test whose run did not come to its end, and shows why. */
export function good(run: Run): Run {
    if (!run.isGood) {
        throw new Error(run.output);
    }
    return run;
}

function summary(events: readonly EngineEvent[]): Pick<Run, "operations" | "differences"> {
    const operations: Record<string, OpType[]> = {};
    const differences: Record<string, Record<string, string>> = {};
    for (const { resourcePreEvent } of events) {
        if (resourcePreEvent === undefined) continue;
        const { urn, op, detailedDiff } = resourcePreEvent.metadata;
        const name = urn.split("::").at(-1) ?? "";
        if (op !== "same") {
            operations[name] = [...(operations[name] ?? []), op];
        }
        for (const [path, { diffKind }] of Object.entries(detailedDiff ?? {})) {
            differences[name] = { ...differences[name], [path]: diffKind };
        }
    }
    return { operations, differences };
}
