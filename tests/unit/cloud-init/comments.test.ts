import { execFileSync } from "node:child_process";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";

import { withoutComments } from "../../../components/cloud-init/comments";

const FILES = join(__dirname, "../../../components/cloud-init/files");

describe("withoutComments()", () => {
    const shell = readdirSync(FILES).filter((name) => name.endsWith(".sh"));

    it.each(shell)("takes nothing but comments out of %s", (name) => {
        const minified = (text: string) =>
            execFileSync("shfmt", ["-mn"], { input: text }).toString();
        const text = readFileSync(join(FILES, name), "utf8");
        expect(minified(withoutComments(text))).toBe(minified(text));
        expect(withoutComments(text).length).toBeLessThan(text.length);
    });

    it("takes nothing but comments out of the Go program", () => {
        const text = readFileSync(join(FILES, "admission.go"), "utf8");
        const lines = text.split("\n").map((line) => line.trim());
        const code = lines.filter((line) => line !== "" && !line.startsWith("//"));
        expect(withoutComments(text, "//")).toBe(`${code.join("\n")}\n`);
    });

    it("keeps the line that names the interpreter", () => {
        expect(withoutComments("#!/bin/sh\n# why\n\n  echo '#'\n\t# x\n")).toBe(
            "#!/bin/sh\necho '#'\n",
        );
    });
});
