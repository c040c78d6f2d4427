import { spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";

import { PROJECT_FOLDER } from "../../../scripts/project";

describe("lint", () => {
    let folder: string;

    const write = (path: string, text: string) => {
        mkdirSync(dirname(join(folder, path)), { recursive: true });
        writeFileSync(join(folder, path), text);
    };
    /** What it prints and ends with; a rule of this folder tells which files ESLint has looked at. */
    const lint = () => {
        const { status, stdout, stderr } = spawnSync(
            process.execPath,
            [
                ...["--require", require.resolve("tsx/cjs")],
                join(PROJECT_FOLDER, "scripts/check/lint.ts"),
            ],
            {
                cwd: folder,
                encoding: "utf8",
                env: { ...process.env, XDG_CACHE_HOME: join(folder, "cache") },
            },
        );
        const [problem = ""] = /^.* (error|warning) .*$/m.exec(stdout) ?? [];
        const seen = [...stderr.matchAll(/^looks at ((?:good|bad)\.js)$/gm)]
            .map(([, path]) => path)
            .sort();
        return { status, problem, seen };
    };

    beforeEach(() => {
        folder = mkdtempSync(join(tmpdir(), "derp-lint-"));
        for (const name of [
            ...["package.json", "package-lock.json", "tsconfig.json"],
            "sdks/tencentcloud/bin/.derp-relay-built",
        ]) {
            write(name, "{}");
        }
        write("scripts/check/lint.ts", "");
        write("scripts/check/lint-keys.ts", "");
        write(
            "eslint.config.mjs",
            `import { basename } from "node:path";
            import { writeFileSync } from "node:fs";
            const create = ({ filename, sourceCode }) => {
                process.stderr.write("looks at " + basename(filename) + "\\n");
                if (sourceCode.text.startsWith("let a; // saved")) writeFileSync(filename, "let c;");
                return {};
            };
            export default [{
                files: ["**/*.{js,mjs,ts}"],
                plugins: { test: { rules: { looks: { create } } } },
                rules: { "test/looks": "error", "no-debugger": "warn", "no-var": "error" },
            }];`,
        );
        write("good.js", "let a;");
    });

    afterEach(() => {
        rmSync(folder, { recursive: true });
    });

    it.each([
        ["error", "var a;", "no-var"],
        ["warning", "debugger;", "no-debugger"],
    ])("fails for an %s as often as it is asked, and asks no more of what has passed", (...row) => {
        const [kind, text, rule] = row;
        write("bad.js", text);
        const first = lint();
        expect(first).toMatchObject({ status: 1, seen: ["bad.js", "good.js"] });
        expect(first.problem).toContain(kind);
        expect(first.problem).toContain(rule);
        expect(lint()).toEqual({ ...first, seen: ["bad.js"] });
        write("bad.js", "let b;");
        expect(lint()).toEqual({ status: 0, problem: "", seen: ["bad.js"] });
        expect(lint()).toEqual({ status: 0, problem: "", seen: [] });
    });

    it("asks again of a file that was saved meanwhile, as what it was", () => {
        write("bad.js", "let a; // saved meanwhile");
        expect(lint()).toMatchObject({ status: 0, seen: ["bad.js", "good.js"] });
        expect(lint()).toMatchObject({ status: 0, seen: ["bad.js"] });
        write("bad.js", "let a; // saved meanwhile");
        expect(lint()).toMatchObject({ status: 0, seen: ["bad.js"] });
    });
});
