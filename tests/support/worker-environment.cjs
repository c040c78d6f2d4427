const { TestEnvironment } = require("jest-environment-node");

if (process.send !== undefined) {
    // A worker outlives a jest that was killed: what a test made is taken away when its own process ends.
    process.once("disconnect", () => process.exit(1));
    // Jest would begin the file anew with another worker, and forget what ended this one.
    process.once("exit", (code) => {
        if (code !== 0 && process.connected) process.kill(process.ppid, "SIGTERM");
    });
}

/** Environment of a test file that may run in a worker. */
module.exports = TestEnvironment;
