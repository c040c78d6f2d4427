const { spawn } = require("node:child_process");
const { once } = require("node:events");
const { tmpdir } = require("node:os");
const { join } = require("node:path");

const TestEnvironment = require("./worker-environment.cjs");

const LOCK = join(tmpdir(), "derp-relay-e2e.lock");

/**
 * Environment of a test file that makes machines and networks: one such file at a time has the host to
 * itself, whichever worker or checkout runs it. The kernel takes the lock back when the process ends.
 */
module.exports = class AloneEnvironment extends TestEnvironment {
    async setup() {
        await super.setup();
        this.holder = spawn("flock", [LOCK, "sh", "-c", "echo held; exec cat"], {
            stdio: ["pipe", "pipe", "inherit"],
        });
        await once(this.holder.stdout, "data");
    }

    async teardown() {
        const closed = once(this.holder, "close");
        this.holder.stdin.end();
        await closed;
        await super.teardown();
    }
};
