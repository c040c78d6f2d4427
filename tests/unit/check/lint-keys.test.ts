import { mkdirSync, mkdtempSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";

import { lintKeys } from "../../../scripts/check/lint-keys";

describe("lintKeys()", () => {
    let folder: string;

    const write = (path: string, text: string) => {
        mkdirSync(dirname(join(folder, path)), { recursive: true });
        writeFileSync(join(folder, path), text);
    };
    /** Which keys are other ones after a change. */
    const changedBy = (path: string, text: string) => {
        const before = lintKeys(folder);
        write(path, text);
        return [...lintKeys(folder)]
            .filter(([name, key]) => before.get(name) !== key)
            .map(([name]) => name)
            .sort();
    };

    beforeEach(() => {
        folder = mkdtempSync(join(tmpdir(), "derp-lint-"));
        for (const name of [
            "eslint.config.mjs",
            "package.json",
            "package-lock.json",
            "tsconfig.json",
            SDK,
        ]) {
            write(name, "{}");
        }
        OWN.forEach((path) => {
            write(path, "export {};");
        });
        write("components/far.ts", "export const far = 1;");
        write("components/near.ts", 'export * from "./far";');
        write("components/index.ts", 'import data from "../data.json";');
        write("scripts/uses.ts", 'import type { far } from "../components/near";');
        write("scripts/other.ts", 'const lazy = () => import("../components");');
        write("data.json", "1");
        write("node_modules/x/index.js", "");
    });

    afterEach(() => {
        rmSync(folder, { recursive: true });
    });

    const SDK = "sdks/tencentcloud/bin/.derp-relay-built";
    const OWN = ["scripts/check/lint-keys.ts", "scripts/check/lint.ts"];
    const ALL = [
        ...["components/far.ts", "components/index.ts", "components/near.ts"],
        ...["eslint.config.mjs", ...OWN, "scripts/other.ts", "scripts/uses.ts"],
    ];

    it("has one for each file that is linted", () => {
        expect([...lintKeys(folder).keys()].sort()).toEqual(ALL);
    });

    it("changes for whoever imports what has changed, near or far, and for nobody else", () => {
        const users = ["components/far.ts", "components/near.ts", "scripts/uses.ts"];
        expect(changedBy("components/far.ts", "export const far = '1';")).toEqual(users);
        expect(changedBy("data.json", "2")).toEqual(["components/index.ts", "scripts/other.ts"]);
        expect(changedBy("README.md", "text")).toEqual([]);
    });

    it.each(["./far.js", ".", "./"])("follows an import of %j", (target) => {
        write("components/near.ts", `export * from "${target}";`);
        const changed = target === "./far.js" ? "components/far.ts" : "components/index.d.ts";
        expect(changedBy(changed, "export const more = 1;")).toContain("components/near.ts");
    });

    it("changes where an import leads to another file", () => {
        expect(changedBy("components/far.d.ts", "export {};")).toEqual([
            ...["components/far.d.ts", "components/near.ts", "scripts/uses.ts"],
        ]);
    });

    it.each(["package-lock.json", "eslint.config.mjs", "package.json", "tsconfig.json", SDK])(
        "changes for all with %s",
        (name) => {
            expect(changedBy(name, "{ }")).toEqual(ALL);
        },
    );

    it("changes for all when files are linted in another way", () => {
        expect(changedBy("scripts/check/lint.ts", "export const a = 1;")).toEqual(ALL);
    });

    it.each(["export {}; \ndeclare global {}", "declare const everywhere: string;"])(
        "changes for all with a file that declares something for all: %j",
        (text) => {
            const expected = [...ALL, "tests/globals.d.ts"].sort();
            expect(changedBy("tests/globals.d.ts", text)).toEqual(expected);
        },
    );

    it("is the same in another checkout", () => {
        const keys = lintKeys(folder);
        const moved = `${folder}-moved`;
        renameSync(folder, moved);
        folder = moved;
        expect(lintKeys(folder)).toEqual(keys);
    });
});
