const { default: TestRunner } = require("jest-runner");

/**
 * Runs the end-to-end tests in this process, and beside them all others in a worker: e2e files need the host to
 * themselves among each other (see alone-environment.cjs), and so do engine tests; one of each gets along.
 */
module.exports = class TwoLanesRunner extends TestRunner {
    async runTests(tests, watcher, options) {
        const isEndToEnd = (test) => test.context.config.displayName?.name === "e2e";
        const [own, others] = [tests.filter(isEndToEnd), tests.filter((test) => !isEndToEnd(test))];
        const { runInBand, detectOpenHandles } = this._globalConfig;
        if (own.length === 0 || others.length === 0 || runInBand || detectOpenHandles) {
            return super.runTests(tests, watcher, options);
        }
        await Promise.all([
            super.runTests(own, watcher, { ...options, serial: true }),
            super.runTests(others, watcher, { ...options, serial: false }),
        ]);
    }
};
