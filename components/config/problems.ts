import * as pulumi from "@pulumi/pulumi";

/** One thing that is wrong with the stack configuration. */
export interface Problem {
    /** Path of the value, such as `regions[1].ports.derp`. */
    readonly path: string;
    /** What is wrong: what is allowed, and what was found. */
    readonly reason: string;
    /** Command that puts it right. */
    readonly fix: string;
    /** Another command that puts it right in another way. */
    readonly or?: string | undefined;
}

/**
 * Builds the one error that reports every problem at once.
 *
 * @param stack Name of the stack, for the headline.
 * @param problems At least one problem.
 * @returns A `RunError`, which Pulumi prints without a stack trace.
 */
export function configError(stack: string, problems: readonly Problem[]): pulumi.RunError {
    const count = `${String(problems.length)} ${problems.length === 1 ? "problem" : "problems"}`;
    const lines = problems.flatMap(({ path, reason, fix, or }) => [
        `  ${path} ${reason}`,
        `    fix: ${fix}`,
        ...(or === undefined ? [] : [`    or:  ${or}`]),
    ]);
    return new pulumi.RunError(
        [`${count} in the configuration of stack ${stack}`, ...lines].join("\n"),
    );
}
