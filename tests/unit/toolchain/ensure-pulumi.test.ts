import { createHash } from "node:crypto";
import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import type { Server } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { VERSIONS } from "../../../components/versions";
import { downloadPulumi } from "../../../scripts/toolchain/ensure-pulumi";
import { startMirror } from "../../support/machine";

const PLATFORM = `${process.platform}-${process.arch === "arm64" ? "arm64" : "x64"}`;
const ARCHIVE = `pulumi-${VERSIONS.pulumi}-${PLATFORM}.tar.gz`;

describe("downloadPulumi()", () => {
    let folder: string;
    let server: Server | undefined;
    const cacheHome = process.env.XDG_CACHE_HOME;

    beforeEach(() => {
        folder = mkdtempSync(join(tmpdir(), "derp-relay-test-"));
        process.env.XDG_CACHE_HOME = folder;
    });

    afterEach(() => {
        server?.close();
        server = undefined;
        if (cacheHome === undefined) delete process.env.XDG_CACHE_HOME;
        else process.env.XDG_CACHE_HOME = cacheHome;
        rmSync(folder, { recursive: true });
    });

    /** A vendor whose archive holds one program, and whose list names a checksum. */
    const startVendor = async (sum?: string) => {
        mkdirSync(join(folder, "pulumi"));
        writeFileSync(join(folder, "pulumi", "pulumi"), "#!/bin/sh\necho v1\n", { mode: 0o755 });
        execFileSync("tar", ["-czf", "archive", "pulumi"], { cwd: folder });
        const archive = readFileSync(join(folder, "archive"));
        const sha256 = sum ?? createHash("sha256").update(archive).digest("hex");
        const mirror = await startMirror((path) =>
            path === "/sums" ? `${sha256}  ${ARCHIVE}\n` : archive,
        );
        ({ server } = mirror);
        return { archives: mirror.url, checksums: `${mirror.url}/sums` };
    };

    it("unpacks the vendor's archive once, and finds it the next time", async () => {
        const vendor = await startVendor();
        const root = await downloadPulumi(vendor);
        expect(readFileSync(join(root ?? "", "bin", "pulumi"), "utf8")).toContain("echo v1");
        rmSync(join(folder, "archive"));
        expect(await downloadPulumi(vendor)).toBe(root);
    });

    it("fault 11: refuses an archive with another checksum, and keeps nothing of it", async () => {
        const vendor = await startVendor("0".repeat(64));
        await expect(downloadPulumi(vendor)).rejects.toThrow(
            /SHA-256 must be 0{64}: got [0-9a-f]{64}/,
        );
        const kept = execFileSync("find", [join(folder, "derp-relay"), "-name", "*.gz*"]);
        expect(kept.toString()).toBe("");
    });

    it("is undefined where the vendor cannot be reached, so that the CLI is built", async () => {
        const nowhere = "http://127.255.255.254:9";
        expect(await downloadPulumi({ archives: nowhere, checksums: nowhere })).toBeUndefined();
    });
});
