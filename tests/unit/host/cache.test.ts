import {
    existsSync,
    mkdirSync,
    mkdtempSync,
    readdirSync,
    readFileSync,
    rmSync,
    writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";

import { builtOnce, cacheFolder, withLock } from "../../../components/host/cache";

describe("builtOnce()", () => {
    let folder: string;
    const cacheHome = process.env.XDG_CACHE_HOME;

    beforeEach(() => {
        folder = mkdtempSync(join(tmpdir(), "derp-relay-test-"));
        process.env.XDG_CACHE_HOME = folder;
    });

    afterEach(() => {
        if (cacheHome === undefined) delete process.env.XDG_CACHE_HOME;
        else process.env.XDG_CACHE_HOME = cacheHome;
        rmSync(folder, { recursive: true });
    });

    const thing = (build: (target: string) => Promise<void>) => ({
        name: "thing",
        key: "v1",
        title: "making a thing",
        build,
    });
    const write = (target: string) => {
        writeFileSync(join(target, "file"), "whole");
        return Promise.resolve();
    };

    it("makes a thing once when two ask for it at the same time", async () => {
        let built = 0;
        const slow = thing(async (target) => {
            built += 1;
            await sleep(300);
            await write(target);
        });
        const [a, b] = await Promise.all([builtOnce(slow), builtOnce(slow)]);
        expect([built, a]).toEqual([1, b]);
        expect(readFileSync(join(a, "file"), "utf8")).toBe("whole");
    });

    it("keeps nothing of a thing that could not be made, and tries again", async () => {
        const broken = thing((target) => {
            writeFileSync(join(target, "file"), "half");
            return Promise.reject(new Error("no network"));
        });
        await expect(builtOnce(broken)).rejects.toThrow("no network");
        expect(existsSync(cacheFolder("thing", "v1"))).toBe(false);
        expect(await builtOnce(thing(write))).toBe(cacheFolder("thing", "v1"));
    });

    it("begins anew after a run that was killed", async () => {
        const left = cacheFolder("thing", "v1.unfinished");
        mkdirSync(left, { recursive: true });
        writeFileSync(join(left, "other"), "half");
        const made = await builtOnce(thing(write));
        expect(readdirSync(made)).toEqual(["file"]);
        expect(existsSync(left)).toBe(false);
    });
});

describe("withLock()", () => {
    let folder: string;

    beforeEach(() => {
        folder = mkdtempSync(join(tmpdir(), "derp-relay-test-"));
    });

    afterEach(() => {
        rmSync(folder, { recursive: true, force: true });
    });

    it("does not wait for a lock that cannot be made", async () => {
        // Of the 255 characters that a name may have, the library adds five to it.
        const file = join(folder, "x".repeat(252));
        const work = withLock(file, "work", () => Promise.resolve());
        await expect(work).rejects.toThrow("ENAMETOOLONG");
    });

    it("stops waiting when the lock cannot be made any more", async () => {
        const file = join(folder, "lock");
        await withLock(file, "work", async () => {
            const second = withLock(file, "work", () => Promise.resolve());
            // It has found the lock taken by then, and pauses.
            await sleep(100);
            rmSync(folder, { recursive: true });
            await expect(second).rejects.toThrow("ENOENT");
        });
    });
});
