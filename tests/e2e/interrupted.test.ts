import { spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";

import { PROJECT_FOLDER } from "../../scripts/project";
import { hostTraces, type HostTraces } from "./support/host-traces";
import { LocalStack } from "./support/local-stack";

const MINUTE = 60_000;

jest.setTimeout(40 * MINUTE);

describe("npm start that is killed", () => {
    let before: HostTraces;
    let stack: LocalStack;

    beforeAll(async () => {
        before = await hostTraces("e2e-killed", PROJECT_FOLDER);
        stack = new LocalStack("e2e-killed", "10.98.0.100");
    });

    afterAll(async () => {
        await stack.end();
    });

    /** Runs `npm start` until it prints a text, and kills it then with all that it started. */
    const killAt = async (text: string) => {
        const child = spawn("npm", ["run", "--silent", "start", "--", ...stack.startArguments], {
            cwd: PROJECT_FOLDER,
            env: stack.env,
            stdio: ["ignore", "pipe", "inherit"],
            detached: true,
        });
        for await (const line of createInterface({ input: child.stdout })) {
            if (line.includes(text)) break;
        }
        process.kill(-(child.pid ?? process.pid), "SIGKILL");
        if (child.exitCode === null && child.signalCode === null) await once(child, "exit");
    };

    it("fault 08: has no derpMap, and the next start converges without orphans", async () => {
        await killAt("booting local.e2e-killed");
        await expect(stack.derpMap()).rejects.toThrow(
            "stack e2e-killed must export derpMap, which it does when its relays answer: run npm start",
        );
        expect(await stack.start()).toContain("1 relay: all good");
        const { supervisors } = await hostTraces("e2e-killed", PROJECT_FOLDER);
        expect(supervisors.filter((line) => line.startsWith("systemd-nspawn"))).toHaveLength(1);
    });

    it("fault 08: leaves nothing behind when it is destroyed right after it was killed", async () => {
        await stack.destroy();
        await killAt("[2/5]");
        await stack.destroy();
        expect(await hostTraces("e2e-killed", PROJECT_FOLDER)).toEqual(before);
    });
});
