import { spawn } from "node:child_process";
import { once } from "node:events";
import { chmodSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

const SCRIPT = readFileSync(
    join(__dirname, "../../../components/cloud-init/first-boot/first-install.sh"),
    "utf8",
);

describe("first-install.sh", () => {
    let folder: string;

    beforeEach(() => {
        folder = mkdtempSync(join(tmpdir(), "derp-first-install-"));
        const systemctl = join(folder, "systemctl");
        writeFileSync(systemctl, `#!/bin/sh\necho "$*" >>${folder}/calls\n`);
        chmodSync(systemctl, 0o755);
    });

    afterEach(() => {
        rmSync(folder, { recursive: true });
    });

    /** Runs it with an installer that reads all, says something and ends so; nobody listens where that is wanted. */
    const run = async (ending: string, listens = true) => {
        const units = join(folder, "system");
        const script = SCRIPT.replaceAll("/etc/systemd/system", units).replace(
            "/etc/derp-first-boot",
            join(folder, "first-boot"),
        );
        const timers = `mkdir ${units} && touch ${units}/derp-relay-health.timer ${units}/derp-relay-certbot.timer`;
        const apply = `apply() { cat >${folder}/payload; ${ending}; }`;
        const child = spawn("sh", ["-c", `${timers}\n${apply}\n${script}`], {
            env: { ...process.env, PATH: `${folder}:${String(process.env.PATH)}` },
            stdio: ["pipe", listens ? "ignore" : "pipe", "ignore"],
        });
        if (!listens) child.stdout?.destroy();
        child.stdin?.end(Buffer.from("payload").toString("base64"));
        const [code] = (await once(child, "exit")) as [number | null];
        const calls = readFileSync(join(folder, "calls"), "utf8").trimEnd().split("\n");
        return { code, calls, payload: readFileSync(join(folder, "payload"), "utf8") };
    };

    const STOP = "stop derp-first-boot.service";
    /** What would start the relay again comes before the relay, and SSH last. */
    const BACK_TO_SSH = [
        STOP,
        "disable -q --now derp-relay-certbot.timer",
        "disable -q --now derp-relay-health.timer",
        "stop derp-relay-cert*.service derp-relay-health.service derp-relay-repair.service",
        "disable -q --now derper.service",
        "start derp-first-boot.service",
    ];

    it("frees the port before it installs, and lets nobody in when that has succeeded", async () => {
        expect(await run("true")).toEqual({
            code: 0,
            calls: [STOP, "disable -q derp-first-boot.service", "daemon-reload"],
            payload: "payload",
        });
    });

    it("gives the port back to SSH when the installation has failed", async () => {
        expect(await run("exit 3")).toEqual({ code: 1, calls: BACK_TO_SSH, payload: "payload" });
    });

    it("does the same when whoever installs is gone: for Pulumi, nothing has been installed", async () => {
        const { code, calls } = await run("sleep 0.2", false);
        expect([code, calls]).toEqual([1, BACK_TO_SSH]);
    });
});
