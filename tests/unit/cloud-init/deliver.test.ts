import { execFileSync, spawnSync } from "node:child_process";
import { randomBytes } from "node:crypto";
import {
    chmodSync,
    mkdtempSync,
    readdirSync,
    readFileSync,
    rmSync,
    statSync,
    writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { renderArchive } from "../../../components/cloud-init/archive";
import {
    applyOverSsh,
    MOST_IN_COMMANDS,
    PREPARE,
    renderCommands,
} from "../../../components/cloud-init/deliver";
import { renderPayload } from "../../../components/cloud-init/payload";
import { payloadSettings, tailnet } from "../../support/settings";

describe("renderCommands()", () => {
    const archive = renderArchive(renderPayload(payloadSettings()));
    let folder: string;

    beforeEach(() => {
        folder = mkdtempSync(join(tmpdir(), "derp-relay-test-"));
    });

    afterEach(() => {
        rmSync(folder, { recursive: true });
    });

    /** As the machine would run it, with the folder of the test, and what would unpack the archive hands it over. */
    const inFolder = (script: string) =>
        script
            .replaceAll("/var/lib/derp-relay", folder)
            .replace(/\(umask.*\)$/m, "cat")
            .replace(/^if command -v cloud-init.*$/m, "");

    it.each(["dash", "bash"])(
        "leaves one part on the machine and installs both, in %s",
        (shell) => {
            const { store, install } = renderCommands(archive);
            // A machine on which nothing has ever been installed has no folder.
            rmSync(folder, { recursive: true });
            execFileSync(shell, { input: inFolder(store) });
            writeFileSync(join(folder, "command.of-before"), "");
            execFileSync(shell, { input: inFolder(store) });
            const [file = "", ...others] = readdirSync(folder);
            expect(others).toEqual([]);
            expect(statSync(join(folder, file)).mode & 0o777).toBe(0o600);
            // It is stored for as long as a run that failed may be run again.
            for (let run = 0; run < 2; run++) {
                const bytes = execFileSync(shell, { input: inFolder(install) });
                expect(bytes.subarray(0, archive.length)).toEqual(Buffer.from(archive));
            }
        },
    );

    it("hides the file that the agent runs, which everybody could read, and nothing else", () => {
        const { store, install } = renderCommands(archive);
        for (const script of [store, install]) {
            const file = join(folder, "derp-hangzhou-t-1.sh");
            writeFileSync(file, inFolder(script));
            chmodSync(file, 0o755);
            spawnSync("sh", ["-c", file]);
            expect(statSync(file).mode & 0o777).toBe(0o600);
            // As a shell that reads it would be, were it called by its path.
            const shell = join(folder, "sh");
            writeFileSync(shell, "");
            chmodSync(shell, 0o755);
            spawnSync("sh", ["-c", inFolder(script), shell]);
            expect(statSync(shell).mode & 0o777).toBe(0o755);
        }
    });

    it("stores the same part when only the end changes, such as a key", () => {
        const of = (privateKeyPem: string) => {
            const certificate = { mode: "manual", certificatePem: "-", privateKeyPem } as const;
            return renderArchive(renderPayload(payloadSettings({ certificate })));
        };
        const [first, second] = [of("one"), of("two")];
        const { store, install } = renderCommands(first);
        expect(renderCommands(second).store).toBe(store);
        expect(renderCommands(second).install).not.toBe(install);
        execFileSync("sh", { input: inFolder(store) });
        const bytes = execFileSync("sh", { input: inFolder(renderCommands(second).install) });
        expect(bytes.subarray(0, second.length)).toEqual(Buffer.from(second));
    });

    it("installs nothing without the very part that was stored for it", () => {
        const { store } = renderCommands(renderArchive({ other: "payload" }));
        execFileSync("sh", { input: inFolder(store) });
        const input = inFolder(renderCommands(archive).install);
        const { status, stdout, stderr } = spawnSync("sh", { input, encoding: "utf8" });
        expect([status, stdout]).toEqual([1, ""]);
        expect(stderr).toMatch(/^error: .*\/command\.\w{12} is missing: the command before this/);
    });

    it("fault 06: fits what Cloud Assistant takes as a command, up to the limit that is checked", () => {
        const { store, install } = renderCommands(randomBytes(MOST_IN_COMMANDS));
        for (const script of [store, install]) {
            expect(Buffer.from(script).toString("base64").length).toBeLessThan(18 * 1024);
        }
    });

    it("fault 06: fits with every option on and ten tailnets", () => {
        const names = Array.from({ length: 10 }, (_, index) => `net${String(index)}`);
        const verify = { mode: "tailscale", tailnets: names.map((name) => tailnet(name)) } as const;
        const certificate = {
            ...({ mode: "certbot", challenge: "dns-01" } as const),
            dnsHook: `#!/bin/sh\n# ${randomBytes(1000).toString("base64")}\n`,
        };
        const settings = payloadSettings({
            hostname: `${"a".repeat(60)}.${"b".repeat(60)}.example.com`,
            ...{ certificate, verify, bandwidthMbps: 100, securityUpdates: true },
        });
        const { length } = renderArchive(renderPayload(settings));
        expect(length).toBeLessThan(MOST_IN_COMMANDS);
    });
});

describe("PREPARE", () => {
    const run = (shell: string, script: string) => {
        const input = `${Buffer.from(script).toString("base64")}\nthe payload`;
        const { status, stdout } = spawnSync(shell, ["-c", `${PREPARE}cat`], {
            ...{ input, encoding: "utf8" },
        });
        return [status, stdout];
    };

    it.each(["dash", "bash"])(
        "runs a script, and leaves the rest to what follows, in %s",
        (shell) => {
            expect(run(shell, "cat <<E\nits own\nE\n")).toEqual([0, "its own\nthe payload"]);
            // What fails in it, and what it says itself.
            expect(run(shell, "false || exit 3\n")).toEqual([1, ""]);
            expect(run(shell, "false")).toEqual([1, ""]);
            // The connection was lost in the middle of it.
            const input = Buffer.from("echo all of /tmp/some/file").toString("base64").slice(0, 20);
            const lost = spawnSync(shell, ["-c", `${PREPARE}cat`], { input, encoding: "utf8" });
            expect([lost.status, lost.stdout]).toEqual([1, ""]);
        },
    );
});

describe("what applies a payload to a machine that may have just booted", () => {
    const archive = renderArchive({ "install.sh": 'echo installed >>"$CALLS"\n' });
    const { store, install } = renderCommands(archive);
    let folder: string;

    beforeEach(() => {
        folder = mkdtempSync(join(tmpdir(), "derp-relay-test-"));
    });

    afterEach(() => {
        rmSync(folder, { recursive: true });
    });

    it.each([
        ["applyOverSsh() in a cloud", applyOverSsh(), 0],
        ["applyOverSsh() on a server", applyOverSsh("test/hangzhou"), 0],
        // Whatever became of the rest of cloud-init, the relay may work.
        ["applyOverSsh() after a failure of cloud-init", applyOverSsh(), 1],
        ["renderCommands()", `${store}\n${install}`, 0],
    ])("waits until cloud-init has ended, then installs: %s", (_, script, code) => {
        const cloudInit = join(folder, "cloud-init");
        const wait = `echo "cloud-init $*" >>"$CALLS"\nexit ${String(code)}\n`;
        writeFileSync(cloudInit, `#!/bin/sh\n${wait}`, { mode: 0o755 });
        const calls = join(folder, "calls");
        execFileSync("sh", ["-c", script.replaceAll("/var/lib/derp-relay", folder)], {
            input: Buffer.from(archive).toString("base64"),
            env: { ...process.env, PATH: `${folder}:${String(process.env.PATH)}`, CALLS: calls },
        });
        expect(readFileSync(calls, "utf8")).toBe("cloud-init status --wait\ninstalled\n");
    });
});
