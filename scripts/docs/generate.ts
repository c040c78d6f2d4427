import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";

import { Command } from "commander";
import { format } from "prettier";

import { stackFileSchema } from "../../components/config/describe";
import { exitWithReason } from "../exit-with-reason";
import { PROJECT_FOLDER, PROJECT_NAME } from "../project";
import { renderConfigurationPage } from "./configuration-page";

const PAGES: Readonly<Record<string, () => string | Promise<string>>> = {
    "docs/configuration.md": () => renderConfigurationPage("en"),
    "docs/zh/configuration.md": () => renderConfigurationPage("zh"),
    // npm run format would do the same to it.
    "docs/stack-file.schema.json": () =>
        format(JSON.stringify(stackFileSchema(PROJECT_NAME)), {
            parser: "json",
            printWidth: 100,
            tabWidth: 4,
        }),
};

new Command("docs")
    .description("Writes the documentation that is made from the code.")
    .option("--check", "write nothing; fail when a file is not up to date", false)
    .action(async ({ check }: { check: boolean }) => {
        for (const [path, render] of Object.entries(PAGES)) {
            await update(path, await render(), check);
        }
    })
    .parseAsync()
    .catch(exitWithReason);

async function update(path: string, wanted: string, check: boolean): Promise<void> {
    const file = join(PROJECT_FOLDER, path);
    const found = await readFile(file, "utf8").catch(() => undefined);
    if (found === wanted) {
        return;
    }
    if (check) {
        throw new Error(`${path} must be what the code says: run npm run docs and commit it`);
    }
    await writeFile(file, wanted);
    process.stdout.write(`wrote ${path}\n`);
}
