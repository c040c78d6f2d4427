import { createHash } from "node:crypto";
import { existsSync, readdirSync, readFileSync, statSync } from "node:fs";
import { dirname, join } from "node:path";

/** What ESLint reads. */
const LINTED = /\.(ts|js|mjs|cjs)$/;
/** What eslint.config.mjs leaves out, and what belongs to other programs. */
const LEFT_OUT = ["bin", "coverage", "sdks"];
const ANYWHERE = ["node_modules", ".git"];
/** What the answers for every file depend on: versions of all packages, rules, the compiler's options, how it is asked. */
const COMMON = [
    ...["eslint.config.mjs", "package.json", "package-lock.json", "tsconfig.json"],
    ...["scripts/check/lint.ts", "scripts/check/lint-keys.ts"],
    // What the SDK, which is in no package, was built from.
    "sdks/tencentcloud/bin/.derp-relay-built",
];
/** What a file has that says something of every other, and what it has not. */
const AMBIENT = /^\s*declare (global|module)\b/m;
const IN_A_MODULE = /^(import|export)\b/m;
/** Anything in quotes that could be a file of the project: too many are no mistake. */
const RELATIVE = /["'`](\.{1,2}(?:\/[^"'`\n]*)?)["'`]/g;

/**
 * Makes a key for each file that ESLint reads: what is the same, ESLint answers the same. Rules look at types, so a key
 * depends on the file, on all that it imports, near or far, and on what counts for all.
 *
 * @param folder The project.
 * @returns Keys by path from the project's folder.
 */
export function lintKeys(folder: string): ReadonlyMap<string, string> {
    const read = cached((path) => readFileSync(join(folder, path), "utf8"));
    const digest = cached((path) => sha256(read(path)));
    const imports = cached((path) => importsOf(folder, path, read(path)));
    const files = listFiles(folder).filter((path) => LINTED.test(path));
    const isForAll = (path: string) =>
        path.endsWith(".ts") && (AMBIENT.test(read(path)) || !IN_A_MODULE.test(read(path)));
    const forAll = [...COMMON, ...files.filter(isForAll)];
    const common = sha256(
        [process.version, ...forAll.map((path) => `${path} ${digest(path)}`)].join("\n"),
    );
    const keyOf = (path: string) => {
        const all = [...closureOf(path, imports)].sort();
        return sha256([common, path, ...all.map((each) => `${each} ${digest(each)}`)].join("\n"));
    };
    return new Map(files.map((path) => [path, keyOf(path)]));
}

function closureOf(path: string, imports: (path: string) => readonly string[]): Set<string> {
    const closure = new Set([path]);
    // A set can grow while it is gone through.
    for (const each of closure) imports(each).forEach((found) => closure.add(found));
    return closure;
}

function importsOf(folder: string, path: string, text: string): readonly string[] {
    const targets = [...text.matchAll(RELATIVE)].map(([, target = ""]) =>
        join(dirname(path), target),
    );
    return targets.flatMap((target) => {
        const [name, index] = [target.replace(/\.js$/, ""), join(target, "index")];
        return [target, ...[name, index].flatMap((each) => [`${each}.ts`, `${each}.d.ts`])].filter(
            (candidate) => {
                const file = join(folder, candidate);
                return existsSync(file) && statSync(file).isFile();
            },
        );
    });
}

function listFiles(folder: string, below = ""): string[] {
    return readdirSync(join(folder, below), { withFileTypes: true }).flatMap((entry) => {
        const path = join(below, entry.name);
        const isLeftOut = ANYWHERE.includes(entry.name) || LEFT_OUT.includes(path);
        if (entry.isDirectory()) return isLeftOut ? [] : listFiles(folder, path);
        return entry.isFile() ? [path] : [];
    });
}

function sha256(text: string): string {
    return createHash("sha256").update(text).digest("hex");
}

function cached<T>(make: (path: string) => T): (path: string) => T {
    const known = new Map<string, T>();
    return (path) => {
        const value = known.has(path) ? (known.get(path) as T) : make(path);
        known.set(path, value);
        return value;
    };
}
