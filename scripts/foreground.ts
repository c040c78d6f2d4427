import { spawn } from "node:child_process";

/** How a command is run. */
export interface ForegroundOptions {
    /** Working folder. */
    readonly cwd: string;
    /** Whole environment. */
    readonly env: NodeJS.ProcessEnv;
}

type Ending = readonly [code: number | null, signal: NodeJS.Signals | null];

/**
 * Runs a command in this process's place at the terminal, and ends as it does: by the same signal, or with its exit
 * code once nothing else is left to do.
 *
 * @param command Name or path of the command.
 * @param args Its arguments.
 * @param options How to run it.
 * @throws {Error} If it cannot be started.
 */
export async function runInForeground(
    command: string,
    args: readonly string[],
    options: ForegroundOptions,
): Promise<void> {
    // What `kill` and supervisors send to this process alone.
    const handOn = (signal: NodeJS.Signals) => child.kill(signal);
    const listeners = [
        // The terminal sends Ctrl-C to both, and npm once more to this one; a second one makes Pulumi give up.
        ["SIGINT", () => undefined],
        ["SIGTERM", handOn],
        ["SIGHUP", handOn],
    ] as const;
    for (const [signal, listener] of listeners) process.on(signal, listener);
    const child = spawn(command, args, { ...options, stdio: "inherit" });
    const ended = new Promise<Ending>((resolve, reject) => {
        child.once("error", reject);
        child.once("exit", (...ending) => {
            resolve(ending);
        });
    });
    const [code, signal] = await ended.finally(() => {
        for (const [each, listener] of listeners) process.removeListener(each, listener);
    });
    process.exitCode = code ?? 1;
    if (signal !== null) process.kill(process.pid, signal);
}
