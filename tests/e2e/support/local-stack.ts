import { mkdtempSync, openSync } from "node:fs";
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";

import type { DerpMap } from "../../../components/derp-map/types";
import { runInMachine } from "../../../components/drivers/local/machine";
import {
    machineName,
    type MachineNames,
    machineNames,
    networkNames,
} from "../../../components/drivers/local/names";
import { run, type RunOptions, type RunResult } from "../../../components/host/run";
import { PROJECT_FOLDER } from "../../../scripts/project";

/** First start on a fresh machine: the CLI, a root file system and derper are made. */
const START_LIMIT = 60 * 60_000;

/**
 * A stack that `npm start` makes, with a state folder of its own: neither the user's Pulumi nor the
 * user's own local stack is touched. It is destroyed when this process ends, however it ends.
 */
export class LocalStack {
    public readonly name: string;
    public readonly address: string;
    /** The machine of its one region. */
    public readonly machine: MachineNames;
    /** Folder for state and logs; it goes with the stack. */
    public readonly workFolder: string;
    readonly #watch: ChildProcess;

    public constructor(name: string, address: string) {
        this.name = name;
        this.address = address;
        this.machine = machineNames(machineName("local", name));
        this.workFolder = mkdtempSync(join(tmpdir(), "derp-relay-e2e-"));
        this.#watch = this.#destroyAtExit();
    }

    /** Bridge that the machine is on. */
    public get bridge(): string {
        return networkNames(this.address).bridge;
    }

    /** Environment of every command: the state is below the work folder. */
    public get env(): NodeJS.ProcessEnv {
        return { ...process.env, XDG_STATE_HOME: join(this.workFolder, "state") };
    }

    /**
     * Runs a script of `package.json` as a user would. Where it fails, all that it printed is shown.
     *
     * @param script Name of the script.
     * @param args Its arguments.
     * @param options As for every command.
     * @returns What it printed, and its exit code.
     */
    public async npm(
        script: string,
        args: readonly string[],
        options: RunOptions = {},
    ): Promise<RunResult> {
        const lines: string[] = [];
        const onLine = (line: string) => {
            lines.push(line);
            options.onLine?.(line);
        };
        try {
            return await run("npm", ["run", "--silent", script, "--", ...args], {
                cwd: PROJECT_FOLDER,
                env: this.env,
                timeoutMs: START_LIMIT,
                ...options,
                onLine,
            });
        } catch (error) {
            process.stderr.write(lines.map((line) => `  ${line}\n`).join(""));
            throw error;
        }
    }

    /** Arguments of `npm start` for this stack. */
    public get startArguments(): readonly string[] {
        return ["--stack", this.name, "--address", this.address];
    }

    /**
     * Runs `npm start`.
     *
     * @param options As for every command.
     * @returns What it printed on standard output.
     */
    public async start(options: RunOptions = {}): Promise<string> {
        return (await this.npm("start", this.startArguments, options)).stdout;
    }

    /** Runs `npm run destroy`. */
    public async destroy(): Promise<string> {
        return (await this.npm("destroy", ["--stack", this.name])).stdout;
    }

    /**
     * Sets a key of the one region.
     *
     * @param key Path below the region, such as `ports.stun`; undefined as value removes it.
     * @param value The value.
     */
    public async set(key: string, value: string | undefined): Promise<void> {
        const action = value === undefined ? "rm" : "set";
        const path = ["--stack", this.name, "--path", `derp:regions[0].${key}`];
        const rest = value === undefined ? [] : [value];
        await this.npm("pulumi", ["config", action, ...path, ...rest]);
    }

    /**
     * Sets a secret of the one region.
     *
     * @param key Path below the region.
     * @param value The secret.
     */
    public async setSecret(key: string, value: string): Promise<void> {
        const path = ["--stack", this.name, "--secret", "--path", `derp:regions[0].${key}`];
        await this.npm("pulumi", ["config", "set", ...path], { input: value });
    }

    /** The map that the stack exports. */
    public async derpMap(): Promise<DerpMap> {
        return JSON.parse((await this.npm("derp-map", ["--stack", this.name])).stdout) as DerpMap;
    }

    /**
     * Runs a shell command on the machine.
     *
     * @param command The command.
     * @param okCodes Exit codes that are no error.
     * @returns What it printed on standard output, trimmed.
     */
    public async inMachine(command: string, okCodes: number[] = [0]): Promise<string> {
        const { stdout } = await runInMachine(this.machine, ["sh", "-c", command], { okCodes });
        return stdout.trim();
    }

    /** Destroys what is left and removes the work folder. */
    public async end(): Promise<void> {
        this.#watch.ref();
        const closed = once(this.#watch, "close");
        this.#watch.stdin?.end();
        await closed;
    }

    #destroyAtExit(): ChildProcess {
        const log = openSync(join(this.workFolder, "destroy.log"), "a", 0o600);
        const script =
            'cat >/dev/null; for _ in 1 2 3; do npm run destroy -- --stack "$1" && break; sleep 5; ' +
            'done; rm -rf "$2"';
        const child = spawn("sh", ["-c", script, "sh", this.name, this.workFolder], {
            cwd: PROJECT_FOLDER,
            env: this.env,
            stdio: ["pipe", log, log],
            detached: true,
        });
        child.unref();
        // Left alone it would keep this process from ending.
        if (child.stdin instanceof Socket) {
            child.stdin.unref();
        }
        return child;
    }
}
