import { type ChildProcess, spawn } from "node:child_process";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";

import { StandIn } from "../plugins/cloud/stand-in";
import { CREDENTIALS } from "../support/engine-stack";

/** A stand-in of Alibaba Cloud that serves all providers of all stacks: its own start is not measured. */
export interface SharedCloud {
    /** What makes an engine use it. */
    readonly env: Readonly<Record<string, string>>;
    /** Ends it. */
    end(): Promise<void>;
}

/**
 * Starts the stand-in. An engine would start one process for each region.
 *
 * @returns The stand-in.
 */
export async function startSharedCloud(): Promise<SharedCloud> {
    const folder = await mkdtemp(join(tmpdir(), "derp-relay-bench-"));
    const program = join(__dirname, "../plugins/run-plugin.ts");
    const child = spawn(
        process.execPath,
        ["--require", require.resolve("tsx/cjs"), program, "alicloud"],
        {
            env: { ...process.env, ...StandIn.create(folder).env, ...CREDENTIALS },
            stdio: ["ignore", "pipe", "inherit"],
        },
    );
    const port = await firstLine(child);
    return {
        env: { PULUMI_DEBUG_PROVIDERS: `alicloud:${port}` },
        async end() {
            child.kill();
            await rm(folder, { recursive: true });
        },
    };
}

/** Plugins tell first which port they listen on. */
async function firstLine({ stdout }: ChildProcess): Promise<string> {
    if (stdout === null) throw new Error("the plugin's output must be a pipe");
    for await (const line of createInterface({ input: stdout })) return line;
    throw new Error("the plugin must tell its port: it ended");
}
