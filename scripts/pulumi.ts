import { exitWithReason } from "./exit-with-reason";
import { runInForeground } from "./foreground";
import { PROJECT_FOLDER } from "./project";
import { pulumiFor } from "./stack";

/**
 * Runs the Pulumi CLI that this project found or made, with the state of `npm start` for the stacks
 * that it made and the user's own login for all others. Options are the CLI's.
 *
 * @param args Arguments of the CLI.
 */
async function pulumi(args: readonly string[]): Promise<void> {
    const { command, env } = await pulumiFor(stackOf(args));
    await runInForeground(command.command, args, {
        cwd: PROJECT_FOLDER,
        env: { ...process.env, ...env },
    });
}

/** Value of `--stack NAME`, `--stack=NAME` or `-s NAME`; empty when no stack is named. */
function stackOf(args: readonly string[]): string {
    const joined = args.find((arg) => arg.startsWith("--stack="))?.slice("--stack=".length);
    const at = args.findIndex((arg) => arg === "--stack" || arg === "-s");
    return joined ?? (at === -1 ? "" : (args[at + 1] ?? ""));
}

pulumi(process.argv.slice(2)).catch(exitWithReason);
