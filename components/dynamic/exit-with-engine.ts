/** How often to look whether the engine is still there, in milliseconds. */
const EVERY = 1000;
let watched = false;

/**
 * Ends this process when the Pulumi engine that started it is gone, as after SIGKILL: otherwise it
 * would go on with work that nobody waits for, such as a machine that `destroy` removes meanwhile.
 * Works once a process, however often it is called.
 */
export function exitWithEngine(): void {
    if (watched) {
        return;
    }
    watched = true;
    const engine = process.ppid;
    const exit = (): void => {
        // eslint-disable-next-line n/no-process-exit -- nobody is left to throw to
        process.exit(1);
    };
    setInterval(() => {
        if (process.ppid !== engine) exit();
    }, EVERY).unref();
    // What it prints goes to the engine: a closed pipe tells the same, and earlier.
    for (const stream of [process.stdout, process.stderr]) {
        stream.on("error", exit);
    }
}
