import { Command } from "commander";

import { exitWithReason } from "./exit-with-reason";
import { readDerpMap } from "./stack";

const program = new Command("derp-map")
    .description("Prints the derpMap that a stack exports: JSON on standard output, nothing else.")
    .requiredOption("--stack <name>", "stack to read, such as local")
    .addHelpText(
        "after",
        "\nExample:\n  npm run --silent derp-map -- --stack local > derp-map.json",
    )
    .showHelpAfterError(
        "npm hands over only what stands behind --: npm run derp-map -- --stack NAME",
    )
    .action(async ({ stack }: { stack: string }) => {
        const map = await readDerpMap(stack);
        process.stdout.write(`${JSON.stringify(map, undefined, 2)}\n`);
    });

program.parseAsync().catch(exitWithReason);
