/** Ends a run with one line that programs can read: `Tests: N passed, N failed`. */
module.exports = class ClosingLineReporter {
    onRunComplete(_contexts, results) {
        const broken = results.numRuntimeErrorTestSuites;
        const failed = results.numFailedTests + broken;
        const skipped = results.numPendingTests + results.numTodoTests;
        const tail = skipped > 0 ? `, ${String(skipped)} skipped` : "";
        process.stdout.write(
            `\nTests: ${String(results.numPassedTests)} passed, ${String(failed)} failed${tail}\n`,
        );
    }
};
