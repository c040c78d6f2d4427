import { Command } from "commander";

import { exitWithReason } from "../../scripts/exit-with-reason";
import { benchFairness } from "./fairness";
import { benchPreview } from "./preview";
import { benchThroughput } from "./throughput";

const PARTS: Readonly<Record<string, () => Promise<void>>> = {
    preview: benchPreview,
    fairness: benchFairness,
    throughput: benchThroughput,
};

new Command("bench")
    .description(
        "Measures what tests must not assert. Compare ratios of one run, not times of two.",
    )
    .argument(
        "[parts...]",
        `parts to run, all when none is named: ${Object.keys(PARTS).join(", ")}`,
    )
    .action(async (names: readonly string[]) => {
        for (const name of names.length === 0 ? Object.keys(PARTS) : names) {
            const part = PARTS[name];
            if (part === undefined) throw new Error(`no such part: ${name}. See --help`);
            process.stdout.write(`${name}\n`);
            await part();
        }
    })
    .parseAsync()
    .catch(exitWithReason);
