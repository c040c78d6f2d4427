import { spawn } from "node:child_process";
import { createInterface } from "node:readline";

/** How a command is run. */
export interface RunOptions {
    /** Working folder. */
    readonly cwd?: string;
    /** Whole environment; the caller's own when absent. */
    readonly env?: NodeJS.ProcessEnv;
    /** What the command reads on standard input; nothing when absent. */
    readonly input?: string | Uint8Array;
    /** Ends the command after this many milliseconds. */
    readonly timeoutMs?: number;
    /** Called with each line that it prints. */
    readonly onLine?: (line: string) => void;
    /** Exit codes that are no error; 0 alone when absent. */
    readonly okCodes?: readonly number[];
}

/** What a command did. */
export interface RunResult {
    /** What it wrote on standard output. */
    readonly stdout: string;
    /** What it wrote on standard error. */
    readonly stderr: string;
    /** Its exit code. */
    readonly code: number;
}

/** How many lines of standard error a failure shows. */
const SHOWN_LINES = 15;

/**
 * Runs a command without a shell and waits for it.
 *
 * @param command Name or path of the command.
 * @param args Its arguments. They show in process lists: secrets go through `input`.
 * @param options How to run it.
 * @returns What it printed, and its exit code.
 * @throws {Error} If it cannot be started, takes too long or exits with another code than those
 * allowed; names the command, the code and the last lines of standard error, never the input.
 */
export async function run(
    command: string,
    args: readonly string[],
    options: RunOptions = {},
): Promise<RunResult> {
    const child = spawn(command, args, {
        cwd: options.cwd,
        env: options.env,
        stdio: ["pipe", "pipe", "pipe"],
        timeout: options.timeoutMs,
        killSignal: "SIGKILL",
    });
    // A command that reads nothing closes its end early, which is no error.
    child.stdin.on("error", () => undefined);
    child.stdin.end(options.input);
    const ended = new Promise<[number | null, NodeJS.Signals | null]>((resolve, reject) => {
        child.once("error", reject);
        child.once("close", (code, signal) => {
            resolve([code, signal]);
        });
    });
    const [stdout, stderr, [code, signal]] = await Promise.all([
        collect(child.stdout, options.onLine),
        collect(child.stderr, options.onLine),
        ended,
    ]);
    if (code === null || !(options.okCodes ?? [0]).includes(code)) {
        const how = code === null ? endedBy(signal, options) : `exited with code ${String(code)}`;
        throw new Error(`${[command, ...args].join(" ")} ${how}${lastLines(stderr, stdout)}`);
    }
    return { stdout, stderr, code };
}

async function collect(
    stream: NodeJS.ReadableStream,
    onLine: ((line: string) => void) | undefined,
): Promise<string> {
    const lines: string[] = [];
    for await (const line of createInterface({ input: stream, crlfDelay: Infinity })) {
        lines.push(line);
        onLine?.(line);
    }
    return lines.length === 0 ? "" : `${lines.join("\n")}\n`;
}

function endedBy(signal: NodeJS.Signals | null, { timeoutMs }: RunOptions): string {
    return signal === "SIGKILL" && timeoutMs !== undefined
        ? `was ended: it took longer than ${String(timeoutMs / 1000)} s`
        : `was ended by ${String(signal)}`;
}

function lastLines(stderr: string, stdout: string): string {
    const text = (stderr.trim() === "" ? stdout : stderr).trim();
    return text === "" ? "" : `:\n${text.split("\n").slice(-SHOWN_LINES).join("\n")}`;
}
