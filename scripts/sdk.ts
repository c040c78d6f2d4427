import { createHash } from "node:crypto";
import { copyFile, mkdir, mkdtemp, readdir, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";

import { Command } from "commander";

import { buildGoProgram } from "../components/host/go";
import { run } from "../components/host/run";
import { VERSIONS } from "../components/versions";
import packageFile from "../package.json";
import { exitWithReason } from "./exit-with-reason";
import { PROJECT_FOLDER } from "./project";

const SCHEMA = "sdks/tencentcloud.schema.json";
const SDK = "sdks/tencentcloud";
const GENERATOR = join(PROJECT_FOLDER, "scripts", "sdk");
/** What is made in the SDK's folder after it was generated, and never committed. */
const MADE_LATER: ReadonlySet<string> = new Set(["bin", "node_modules"]);

new Command("sdk")
    .description(`Writes ${SDK} from ${SCHEMA} with Pulumi's own generator.`)
    .option("--check", "write nothing; fail when the folder is not what the generator makes", false)
    .action(async ({ check }: { check: boolean }) => {
        const scratch = await mkdtemp(join(tmpdir(), "derp-relay-sdk-"));
        try {
            // The SDK is built by this project's compiler, so npm has to install no other.
            const typescript = `^${packageFile.dependencies.typescript}`;
            await run(await buildGenerator(), [join(PROJECT_FOLDER, SCHEMA), scratch, typescript]);
            await update(scratch, check);
        } finally {
            await rm(scratch, { recursive: true, force: true });
        }
    })
    .parseAsync()
    .catch(exitWithReason);

async function buildGenerator(): Promise<string> {
    // All checkouts share the cache, and not all have the same generator.
    const hash = createHash("sha256");
    for (const name of ["go.mod", "go.sum", "main.go"]) {
        hash.update(await readFile(join(GENERATOR, name)));
    }
    return buildGoProgram({
        name: "pulumi-sdk-generator",
        version: `${VERSIONS.pulumi}-${hash.digest("hex").slice(0, 12)}`,
        moduleFolder: GENERATOR,
        package: ".",
    });
}

async function update(generated: string, check: boolean): Promise<void> {
    const [wanted, found] = await Promise.all([
        readFiles(generated),
        readFiles(join(PROJECT_FOLDER, SDK)),
    ]);
    const differing = [...new Set([...wanted.keys(), ...found.keys()])]
        .filter((file) => wanted.get(file) !== found.get(file))
        .sort();
    if (differing.length > 0 && check) {
        throw new Error(
            `${SDK} must be what the generator makes: run npm run sdk and commit it. ` +
                `These files differ: ${differing.join(", ")}`,
        );
    }
    for (const file of differing) {
        await put(join(generated, file), join(PROJECT_FOLDER, SDK, file), wanted.has(file));
        process.stdout.write(`${wanted.has(file) ? "wrote" : "removed"} ${SDK}/${file}\n`);
    }
}

async function put(source: string, target: string, wanted: boolean): Promise<void> {
    if (!wanted) {
        await rm(target);
        return;
    }
    await mkdir(dirname(target), { recursive: true });
    await copyFile(source, target);
}

async function readFiles(folder: string): Promise<ReadonlyMap<string, string>> {
    const entries = await readdir(folder, { recursive: true, withFileTypes: true }).catch(() => []);
    const files = entries
        .filter((entry) => entry.isFile())
        .map((entry) => join(entry.parentPath, entry.name).slice(folder.length + 1))
        .filter((file) => !MADE_LATER.has(file.split("/")[0] ?? ""));
    return new Map(
        await Promise.all(
            files.map(async (file) => [file, await readFile(join(folder, file), "utf8")] as const),
        ),
    );
}
