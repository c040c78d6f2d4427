const { default: TestRunner } = require("jest-runner");

/**
 * Runs the end-to-end tests beside all others, each of both in one worker: e2e files need the host to themselves
 * among each other (see alone-environment.cjs), and so do engine tests; one of each side gets along.
 */
module.exports = class TwoLanesRunner extends TestRunner {
    async runTests(tests, watcher, options) {
        const isEndToEnd = (test) => test.context.config.displayName?.name === "e2e";
        const lanes = [tests.filter(isEndToEnd), tests.filter((test) => !isEndToEnd(test))];
        if (lanes.some((lane) => lane.length === 0)) return super.runTests(tests, watcher, options);
        await Promise.all(
            lanes.map((lane) => super.runTests(lane, watcher, { ...options, serial: false })),
        );
    }
};
