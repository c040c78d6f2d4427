/**
 * Shows a line among the output of a test run.
 *
 * @param line The line.
 */
export function show(line: string): void {
    process.stderr.write(`  ${line}\n`);
}

/**
 * Puts steps into the order in which Pulumi printed them.
 *
 * @param stdout What it printed.
 * @param steps Parts of its lines.
 * @returns Those that it printed, by when it first did.
 */
export function inOrderOf(stdout: string, steps: readonly string[]): string[] {
    return steps
        .map((step) => ({ step, at: stdout.indexOf(step) }))
        .filter(({ at }) => at >= 0)
        .sort((a, b) => a.at - b.at)
        .map(({ step }) => step);
}
