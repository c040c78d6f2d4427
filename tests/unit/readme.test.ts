import { readFileSync } from "node:fs";
import { join } from "node:path";

import { parse } from "yaml";

import { parseRegions } from "../../components/config/parse";
import { makeCertificate } from "../support/certificates";

const PROJECT = join(__dirname, "../..");
const SOURCE = { key: "derp:regions", stack: "home", encrypted: true, now: new Date() };

interface StackFile {
    readonly config: { readonly "derp:regions": { certificate: Record<string, string> }[] };
}

describe("README", () => {
    it.each(["README.md", "README.zh-CN.md"])("%s begins with a stack file that works", (file) => {
        const text = readFileSync(join(PROJECT, file), "utf8");
        const block = /^```yaml\n([\s\S]*?)^```$/m.exec(text)?.[1] ?? "";
        const regions = (parse(block) as StackFile).config["derp:regions"];
        for (const { certificate } of regions) {
            Object.assign(certificate, makeCertificate({ name: "IP:10.90.0.100" }));
        }
        expect(parseRegions(regions, SOURCE)).toHaveLength(1);
    });

    it("has a twin in Chinese with the same headings, like every page", () => {
        const shape = (file: string) =>
            readFileSync(join(PROJECT, file), "utf8")
                .split("\n")
                .filter((line) => line.startsWith("#"))
                .map((line) => line.replace(/[^#].*$/, ""));
        for (const page of ["local", "doctor", "architecture", "places", "configuration"]) {
            expect([page, shape(`docs/zh/${page}.md`)]).toEqual([page, shape(`docs/${page}.md`)]);
        }
        expect(shape("README.zh-CN.md")).toEqual(shape("README.md"));
    });
});
