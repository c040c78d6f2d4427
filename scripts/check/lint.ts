/**
 * Lints the current folder: what has passed on this computer already, in whatever checkout, and would be answered the same,
 * is not asked again.
 */
import {
    appendFileSync,
    existsSync,
    mkdirSync,
    readFileSync,
    statSync,
    writeFileSync,
} from "node:fs";
import { availableParallelism } from "node:os";
import { join, relative } from "node:path";

import { ESLint } from "eslint";

import { cacheFolder } from "../../components/host/cache";
import { exitWithReason } from "../exit-with-reason";
import { lintKeys } from "./lint-keys";

/** Keys of what has passed, one a line. */
const PASSED = join(cacheFolder("lint"), "passed");
/** From there on it is begun anew, in bytes. */
const MOST = 2 ** 22;

// typescript-eslint reads each file once, and knows by itself only when the command is its own.
process.env.TSESTREE_SINGLE_RUN = "true";
lint().catch(exitWithReason);

async function lint(): Promise<void> {
    const passed = new Set(existsSync(PASSED) ? readFileSync(PASSED, "utf8").split("\n") : []);
    const folder = process.cwd();
    const keys = lintKeys(folder);
    const files = [...keys].filter(([, key]) => !passed.has(key)).map(([path]) => path);
    if (files.length === 0) return;
    // Each thread loads all types, and keeps more than one core busy.
    const threads = Math.floor(availableParallelism() / 2);
    const eslint = new ESLint({
        cwd: folder,
        ...(threads > 1 && { concurrency: threads }),
    });
    const results = await eslint.lintFiles(files);
    const isGood = ({ errorCount, warningCount }: ESLint.LintResult) =>
        errorCount + warningCount === 0;
    const good = results.filter(isGood).map(({ filePath }) => relative(folder, filePath));
    // A file that was saved meanwhile may have passed as another one.
    const now = lintKeys(folder);
    const isSame = (path: string) => keys.get(path) === now.get(path);
    remember(good.filter(isSame).map((path) => keys.get(path) ?? ""));
    if (good.length === files.length) return;
    const formatter = await eslint.loadFormatter("stylish");
    process.stdout.write(await formatter.format(results));
    process.exitCode = 1;
}

function remember(keys: readonly string[]): void {
    mkdirSync(cacheFolder("lint"), { recursive: true });
    const isSmall = existsSync(PASSED) && statSync(PASSED).size < MOST;
    const write = isSmall ? appendFileSync : writeFileSync;
    write(PASSED, keys.map((key) => `${key}\n`).join(""));
}
