import { createHash } from "node:crypto";
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { downloadFile } from "../../../components/host/download";
import { startMirror } from "../../support/machine";

const BODY = "a toolchain";
const SHA256 = createHash("sha256").update(BODY).digest("hex");
const DEAD = "http://127.255.255.254:9/file";

describe("downloadFile()", () => {
    let folder: string;

    beforeEach(() => {
        folder = mkdtempSync(join(tmpdir(), "derp-relay-test-"));
    });

    afterEach(() => {
        rmSync(folder, { recursive: true });
    });

    it("fault 12: takes the file from the first address that has it", async () => {
        const { url, server } = await startMirror(() => BODY);
        const file = join(folder, "file");
        await downloadFile({ urls: [DEAD, `${url}/file`], sha256: SHA256, file });
        server.close();
        expect(readFileSync(file, "utf8")).toBe(BODY);
    });

    it("fault 11 and 12: names each address with its reason, and keeps nothing", async () => {
        const { url, server } = await startMirror(() => "something else");
        const file = join(folder, "file");
        const message = await downloadFile({ urls: [DEAD, url], sha256: SHA256, file }).then(
            () => "",
            (error: unknown) => (error as Error).message,
        );
        server.close();
        const [first, dead, wrong] = message.split("\n");
        expect(first).toBe("no address serves the file:");
        expect(dead).toMatch(/^ {2}http:\/\/127\.255\.255\.254:9\/file: curl: /);
        expect(wrong).toContain(`${url}: SHA-256 must be ${SHA256}: got `);
        expect(existsSync(file)).toBe(false);
        expect(readdirSync(folder)).toEqual([]);
    });
});
