import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";

const MODULE = join(__dirname, "../../scripts/foreground");

describe("runInForeground()", () => {
    let started: ChildProcess | undefined;

    const sendToGroup = (signal: NodeJS.Signals) => {
        if (started?.pid !== undefined) process.kill(-started.pid, signal);
    };

    afterEach(() => {
        try {
            sendToGroup("SIGKILL");
        } catch {
            // Nobody is left, as it should be.
        }
    });

    /** Runs a shell script in a process's place, in a process group of its own, until it has printed "ready". */
    const start = async (script: string) => {
        const program = `
            const { runInForeground } = require(${JSON.stringify(MODULE)});
            const options = { cwd: "/", env: process.env };
            runInForeground("sh", ["-c", ${JSON.stringify(script)}], options);`;
        const child = spawn(process.execPath, ["--require", "tsx/cjs", "-e", program], {
            stdio: ["ignore", "pipe", "inherit"],
            detached: true,
        });
        started = child;
        let said = "";
        child.stdout.setEncoding("utf8").on("data", (text: string) => (said += text));
        const until = async (text: string) => {
            while (!said.includes(text)) await once(child.stdout, "data");
        };
        await until("ready");
        return { child, until };
    };
    /** What its exit code and signal were. */
    const ending = (child: ChildProcess) => once(child, "exit");

    it("ends with the command's exit code", async () => {
        const { child } = await start("echo ready; sleep 0.1; exit 7");
        expect(await ending(child)).toEqual([7, null]);
    });

    it("ends by the command's signal", async () => {
        const { child } = await start("echo ready; sleep 0.1; kill -KILL $$");
        expect(await ending(child)).toEqual([null, "SIGKILL"]);
    });

    it("waits for a command that cancels its work on Ctrl-C, which a second one reaches as well", async () => {
        const { child, until } = await start(
            `count=0
            trap 'count=$((count + 1)); echo "got $count"; [ "$count" = 1 ] || exit 3' INT
            echo ready
            while :; do sleep 0.05; done`,
        );
        sendToGroup("SIGINT");
        await until("got 1");
        sendToGroup("SIGINT");
        await until("got 2");
        expect(await ending(child)).toEqual([3, null]);
    });

    it.each(["SIGTERM", "SIGHUP"] as const)("hands on a %s of its own", async (signal) => {
        const name = signal.slice(3);
        const { child } = await start(
            `trap 'exit 4' ${name}; echo ready; while :; do sleep 0.05; done`,
        );
        child.kill(signal);
        expect(await ending(child)).toEqual([4, null]);
    });

    it("does not hand on what npm sends after the terminal's Ctrl-C", async () => {
        const { child } = await start(
            `trap 'exit 5' INT; trap 'exit 6' TERM; echo ready; while :; do sleep 0.05; done`,
        );
        child.kill("SIGINT");
        child.kill("SIGTERM");
        expect(await ending(child)).toEqual([6, null]);
    });
});
