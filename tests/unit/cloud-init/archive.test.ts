import { execFileSync } from "node:child_process";
import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gunzipSync } from "node:zlib";

import { renderArchive } from "../../../components/cloud-init/archive";
import { payloadDigest, renderPayload, shortDigest } from "../../../components/cloud-init/payload";
import { payloadSettings } from "../../support/settings";

describe("renderArchive()", () => {
    it("is the same for the same payload, and unpacks to it", () => {
        const payload = renderPayload(payloadSettings());
        const archive = renderArchive(payload);
        expect(renderArchive(payload)).toEqual(archive);
        const folder = mkdtempSync(join(tmpdir(), "derp-relay-test-"));
        execFileSync("sh", { cwd: folder, input: gunzipSync(archive) });
        const unpacked = readdirSync(folder).map((name) => [
            name,
            readFileSync(join(folder, name), "utf8"),
        ]);
        rmSync(folder, { recursive: true });
        const digest = shortDigest(payloadDigest(payload));
        expect(Object.fromEntries(unpacked)).toEqual({ ...payload, digest: `${digest}\n` });
    });

    it("refuses a file that would end early", () => {
        expect(() => renderArchive({ x: "a\n_E_\nreboot\n" })).toThrow(
            new RangeError("x must not have the line _E_"),
        );
    });
});
