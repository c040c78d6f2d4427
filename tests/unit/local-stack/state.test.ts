import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync } from "node:fs";
import { chmod, mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { hostname, tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";

import { localState, removeDeadLock } from "../../../scripts/local-stack/state";
import { PROJECT_NAME } from "../../../scripts/project";

describe("removeDeadLock()", () => {
    const before = process.env.XDG_STATE_HOME;
    let folder: string;
    let lock: string;
    let pulumi: string;
    let child: ChildProcess | undefined;

    beforeEach(async () => {
        folder = await mkdtemp(join(tmpdir(), "derp-state-"));
        process.env.XDG_STATE_HOME = folder;
        const locks = join(localState().backend, ".pulumi/locks/organization", PROJECT_NAME);
        lock = join(locks, "local", "1.json");
        await mkdir(dirname(lock), { recursive: true });
        // Runs until its input ends, under the name of the CLI.
        pulumi = join(folder, "pulumi");
        await writeFile(pulumi, "#!/bin/sh\nread -r line\n");
        await chmod(pulumi, 0o755);
    });

    afterEach(async () => {
        const running = child?.exitCode === null && child.signalCode === null;
        if (running && child?.kill("SIGKILL")) await once(child, "exit");
        child = undefined;
        if (before === undefined) delete process.env.XDG_STATE_HOME;
        else process.env.XDG_STATE_HOME = before;
        await rm(folder, { recursive: true });
    });

    const holdBy = async (pid: number | undefined, host = hostname()) => {
        await writeFile(lock, JSON.stringify({ pid, username: "root", hostname: host }));
    };

    it("leaves the lock of a run that goes on", async () => {
        child = spawn(pulumi);
        await once(child, "spawn");
        await holdBy(child.pid);
        expect(await removeDeadLock("local")).toBe(false);
        expect(existsSync(lock)).toBe(true);
    });

    it("removes the lock of a run that was killed, also while its parent has not noticed", async () => {
        // The parent is one that reaps nobody before the child ends.
        child = spawn("sh", ["-c", '"$0" <&0 & echo $!; exec sleep 600', pulumi], {
            stdio: ["pipe", "pipe", "inherit"],
        });
        const [pid] = (await once(child.stdout ?? child, "data")) as [Buffer];
        const status = (of: number | undefined) => readFile(`/proc/${String(of)}/status`, "utf8");
        while (!/^Name:\tsleep$/m.test(await status(child.pid))) await sleep(10);
        child.stdin?.end();
        while (!/^Name:\tpulumi$[^]*^State:\tZ/m.test(await status(Number(pid.toString())))) {
            await sleep(10);
        }
        await holdBy(Number(pid.toString()));
        expect(await removeDeadLock("local")).toBe(true);
        expect(existsSync(lock)).toBe(false);
    });

    it("removes the lock of a process that is gone, or is another program by now", async () => {
        child = spawn(pulumi);
        await once(child, "spawn");
        child.kill("SIGKILL");
        await once(child, "exit");
        await holdBy(child.pid);
        expect(await removeDeadLock("local")).toBe(true);
        await holdBy(process.pid);
        expect(await removeDeadLock("local")).toBe(true);
    });

    it("removes a lock that was being written", async () => {
        await writeFile(lock, '{"pid": 1');
        expect(await removeDeadLock("local")).toBe(true);
    });

    it("leaves the lock of another computer, and finds none where there is none", async () => {
        await holdBy(process.pid, `not-${hostname()}`);
        expect(await removeDeadLock("local")).toBe(false);
        expect(existsSync(lock)).toBe(true);
        expect(await removeDeadLock("other")).toBe(false);
    });
});
