import { spawn } from "node:child_process";
import type { Readable } from "node:stream";
import { createInterface } from "node:readline";

import type { CommandArgs } from "./command-args";
import { type Client, dial } from "./dial";
import type { Log } from "./engine-log";

/** What a command printed. */
export interface Printed {
    readonly stdout: string;
    readonly stderr: string;
}

/** Around a command: what it is told and who is told. */
export interface Surroundings {
    /** What the command before it printed. */
    readonly previous: Printed;
    readonly log: Log;
    /** Ends it. */
    readonly signal: AbortSignal;
}

type Environment = Readonly<Record<string, string>>;

/**
 * Runs a command on the machine.
 *
 * @param command What the machine's shell is given.
 * @param args Arguments of the resource.
 * @param surroundings Around it.
 * @returns What it printed, without the last line end.
 * @throws {Error} If there is no connection, or if the command fails, with all that it printed.
 */
export async function runRemote(
    command: string,
    args: CommandArgs,
    surroundings: Surroundings,
): Promise<Printed> {
    const { log, signal } = surroundings;
    const client = await dial(args.connection, log, signal);
    try {
        const environment = await acceptedEnvironment(client, args, surroundings);
        const session = { client, environment, stdin: args.stdin ?? "", signal };
        const ended = await exec(command, session, logged(args.logging, log));
        if (ended.code !== 0) {
            const how = `Process exited with status ${String(ended.code ?? 255)}`;
            throw new Error(`${how}: running ${JSON.stringify(command)}:\n${ended.both}`);
        }
        return { stdout: withoutLineEnd(ended.stdout), stderr: withoutLineEnd(ended.stderr) };
    } finally {
        await client.close();
        await log.flushed();
    }
}

interface Session {
    readonly client: Client;
    readonly environment: Environment;
    readonly stdin: string;
    readonly signal: AbortSignal;
}

interface Ended extends Printed {
    readonly code: number | null;
    /** Both streams as they came. */
    readonly both: string;
}

type OnLine = (stream: keyof Printed, line: string) => void;

async function exec(command: string, session: Session, onLine?: OnLine): Promise<Ended> {
    const { client, environment, signal } = session;
    const child = spawn(client.ssh, [...client.args, command], {
        // All that it holds is sent.
        env: environment,
        stdio: ["pipe", "pipe", "pipe"],
        signal,
    });
    // A command that reads nothing closes its end early, which is no error.
    child.stdin.on("error", () => undefined);
    child.stdin.end(session.stdin);
    const both: Buffer[] = [];
    const code = new Promise<number | null>((resolve, reject) => {
        child.once("error", reject);
        child.once("close", resolve);
    });
    const collect = async (name: keyof Printed, stream: Readable): Promise<string> => {
        const own: Buffer[] = [];
        stream.on("data", (chunk: Buffer) => {
            own.push(chunk);
            both.push(chunk);
        });
        for await (const line of createInterface({ input: stream })) {
            onLine?.(name, line);
        }
        return Buffer.concat(own).toString();
    };
    const [stdout, stderr, exit] = await Promise.all([
        collect("stdout", child.stdout),
        collect("stderr", child.stderr),
        code,
    ]);
    return { stdout, stderr, code: exit, both: Buffer.concat(both).toString() };
}

function logged(logging: string, log: Log): OnLine {
    return (stream, line) => {
        if (logging === stream || logging === "stdoutAndStderr") {
            log.status(line);
        }
    };
}

/**
 * Finds out what the server accepts: OpenSSH's client does not ask, while the real provider fails
 * where the program's own variables are refused, and warns of the provider's.
 */
async function acceptedEnvironment(
    client: Client,
    args: CommandArgs,
    { previous, log, signal }: Surroundings,
): Promise<Environment> {
    const own = args.environment ?? {};
    const wanted = { ...own, ...(args.addPreviousOutputInEnv ? outputVariables(previous) : {}) };
    if (Object.keys(wanted).length === 0) {
        return {};
    }
    const probe = await exec("env", { client, environment: wanted, stdin: "", signal });
    const accepted = (name: string): boolean => new RegExp(`^${name}=`, "m").test(probe.stdout);
    const refused = Object.keys(wanted).filter((name) => !accepted(name));
    for (const name of refused) {
        const message = `Unable to set '${name}'. This only works if your SSH server is configured to accept
\tthese variables via AcceptEnv. Alternatively, if a Bash-like shell runs the command on the remote host, you could
\tprefix the command itself with the variables in the form 'VAR=value command'`;
        if (name in own) {
            log.error(message);
            throw new Error(`could not set environment variable "${name}": ssh: setenv failed`);
        }
        log.warning(message);
    }
    return Object.fromEntries(Object.entries(wanted).filter(([name]) => accepted(name)));
}

function outputVariables({ stdout, stderr }: Printed): Environment {
    return {
        ...(stdout === "" ? {} : { PULUMI_COMMAND_STDOUT: stdout }),
        ...(stderr === "" ? {} : { PULUMI_COMMAND_STDERR: stderr }),
    };
}

function withoutLineEnd(text: string): string {
    return text.endsWith("\n") ? text.slice(0, -1) : text;
}
