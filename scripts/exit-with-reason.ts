import { reasonOf } from "../components/reason-of";

/**
 * Ends a command that could not do its work: the reason on standard error, exit code 1.
 *
 * @param error What was thrown.
 */
export function exitWithReason(error: unknown): void {
    const reason = reasonOf(error);
    process.stderr.write(`error: ${reason}\n`);
    process.exitCode = 1;
}
