import { readFile } from "node:fs/promises";
import { join } from "node:path";

import { runInMachine } from "../../components/drivers/local/machine";
import { findMachine } from "../../components/drivers/local/processes";
import { run } from "../../components/host/run";
import { probeTcp } from "../../components/probe/tcp";
import { PROJECT_FOLDER } from "../../scripts/project";
import { hostTraces } from "./support/host-traces";
import { CODE, Scene, SCENE_LIMIT } from "./support/scene";
import { allTraffic, carryTraffic } from "./tailnet/traffic";

const ADDRESS = "10.97.0.100";
/** Prints what the installer could change: every file with its time, and derper's process. */
const FINGERPRINT =
    "find /etc/derp-relay /opt/derp-relay /etc/systemd/system /etc/sysctl.d /var/lib/derper -type f " +
    "-printf '%p %T@ ' -exec sha256sum {} ';' | sort; systemctl show -p MainPID derper";

jest.setTimeout(10 * 60_000);

/** Shows in the run's log what was measured. */
const show = (...lines: readonly string[]) => {
    for (const line of lines) process.stderr.write(`  ${line}\n`);
};

describe("the local place", () => {
    let scene: Scene;

    beforeAll(async () => {
        scene = await Scene.set("e2e", ADDRESS);
    }, SCENE_LIMIT);

    afterAll(async () => {
        await (scene as Scene | undefined)?.end();
    });

    it("ends npm start with the doctor's report and the derpMap", () => {
        const { map, started } = scene;
        expect(started).toContain("good  derp-handshake");
        expect(started).toContain("1 relay: all good");
        const printed = /^derpMap of stack e2e:\n(\{[\s\S]*?\n\})$/m.exec(started)?.[1] ?? "";
        expect(JSON.parse(printed)).toEqual(map);
    });

    it("exports a derpMap that pins the one certificate", () => {
        const { map, node } = scene;
        // The first free one: this computer may have relays of its own.
        const id = node.RegionID;
        expect(map).toEqual({
            Regions: {
                [id]: {
                    RegionID: id,
                    RegionCode: CODE,
                    RegionName: "This computer",
                    Nodes: [
                        {
                            Name: `${String(id)}a`,
                            RegionID: id,
                            HostName: ADDRESS,
                            IPv4: ADDRESS,
                            CanPort80: true,
                            CertName: expect.stringMatching(/^sha256-raw:[0-9a-f]{64}$/) as string,
                        },
                    ],
                },
            },
        });
    });

    it("hands cloud-init a script that it ran without an error", async () => {
        expect(await scene.stack.inMachine("cloud-init status")).toBe("status: done");
    });

    it("runs derper as its own user, with one capability and an exposure of 1.4 at most", async () => {
        const { stack } = scene;
        const relay = await scene.pid();
        const status = await stack.inMachine(`cat /proc/${relay}/status`);
        expect(status).toMatch(/^CapEff:\t0000000000000400$/m);
        expect(await stack.inMachine(`stat -c %U /proc/${relay}`)).toBe("derper");
        const analysis = "systemd-analyze security --no-pager --threshold=14 derper.service";
        const text = await stack.inMachine(analysis);
        const exposure = text.split("\n").find((each) => each.includes("Overall exposure level"));
        show(exposure ?? text);
        expect(exposure).toBeDefined();
    });

    it("keeps /debug from 100.64/10 off the tailnet, where derper itself would not", async () => {
        const { stack } = scene;
        const stranger = ["address", "add", "100.99.1.1/32", "dev", stack.bridge];
        const ask = (source: string) =>
            run("curl", [
                ...[
                    "--insecure",
                    "--silent",
                    "--output",
                    "/dev/null",
                    "--write-out",
                    "%{http_code}",
                ],
                ...["--max-time", "3", "--interface", source, `https://${ADDRESS}/debug/varz`],
            ]).then(({ stdout }) => stdout.trim());
        await run("ip", stranger);
        try {
            expect(await ask("10.97.0.1")).toBe("403");
            await expect(ask("100.99.1.1")).rejects.toThrow("exited with code 28");
            await stack.inMachine("systemctl stop derp-relay-firewall");
            expect(await ask("100.99.1.1")).toBe("200");
        } finally {
            await stack.inMachine("systemctl start derp-relay-firewall");
            await run("ip", ["address", "del", ...stranger.slice(2)]);
        }
    });

    it("lets a source open so many connections and no more, and counts the others", async () => {
        const { node, stack } = scene;
        const connect = () => probeTcp(node, 1000);
        const results = await Promise.all(Array.from({ length: 400 }, connect));
        // 200 at once and 20 a second, however slow this computer is.
        expect(results.filter(({ ok }) => ok).length).toBeGreaterThan(150);
        expect(results.filter(({ ok }) => !ok).length).toBeGreaterThan(0);
        const rules = await stack.inMachine("nft list table inet derp_relay");
        expect(rules).toMatch(/@recent4 .*counter packets [1-9]/);
        await scene.serves({ timeoutMs: 30_000 });
    });

    it("carries the traffic of two clients that are cut off from each other", async () => {
        const traffic = await carryTraffic(scene.tailnet.clients, CODE, 8);
        expect(traffic).toEqual(allTraffic(CODE, "This computer", 8));
    });

    it("fault 07: changes nothing at a second up, nor at a second run of the installer", async () => {
        const { stack } = scene;
        const old = await stack.inMachine(FINGERPRINT);
        expect(await stack.start()).toContain("resources: 4 unchanged");
        const seed = join(stack.machine.rootfs, "var/lib/cloud/seed/nocloud/user-data");
        await runInMachine(stack.machine, ["sh"], { input: await readFile(seed) });
        expect(await stack.inMachine(FINGERPRINT)).toBe(old);
    });

    it("shows in a preview what the user changed, and no secret", async () => {
        const { stack, started } = scene;
        await stack.set("ports.stun", "3479");
        await stack.set("derperVersion", "v1.102.4");
        const cli = (...args: string[]) => stack.npm("pulumi", [...args, "--stack", "e2e"]);
        const { stdout } = await cli("preview", "--diff", "--color=never");
        expect(stdout).toMatch(/^ +~ stun: 3478 => 3479$/m);
        expect(stdout).toMatch(/^ +~ derperVersion: "v1\.102\.5" => "v1\.102\.4"$/m);
        expect(stdout).toMatch(/^ +archive: \[secret\]$/m);
        expect(stdout).toContain("~ 3 to update");
        const path = "derp:regions[0].certificate.privateKey";
        const key = (await cli("config", "get", "--path", path)).stdout.split("\n")[1] ?? "";
        expect(key).toHaveLength(64);
        expect(stdout).not.toContain(key);
        expect(started).not.toContain(key);
        // A wall of base64 would hide what changes.
        expect(stdout).not.toMatch(/[A-Za-z0-9+/]{100}/);
        await stack.set("derperVersion", undefined);
        await stack.set("ports.stun", undefined);
    });

    it("applies a changed option in place: same machine, address and pin", async () => {
        const { map, stack } = scene;
        const supervisor = await findMachine(stack.machine);
        await stack.set("bandwidthMbps", "80");
        expect(await stack.start()).toContain("changing LocalMachine local");
        expect(await findMachine(stack.machine)).toBe(supervisor);
        expect(await stack.derpMap()).toEqual(map);
        const metrics = await stack.inMachine("curl -sk https://127.0.0.1/debug/varz");
        expect(metrics).toMatch(/rate_limit_per_client_bytes_per_sec\w* 7200000$/m);
        await scene.pingBothWays();
    });

    it("fault 23: admits whom headscale knows, and refuses strangers", async () => {
        const { stack } = scene;
        await stack.set("verify.mode", "url");
        await stack.set("verify.url", "http://10.97.0.10:8080/verify");
        expect(await stack.start()).toContain("a stranger is refused");
        await scene.pingBothWays();
        // Nobody listens there.
        await stack.set("verify.url", "http://10.97.0.10:9/verify");
        await stack.set("verify.failOpen", "true");
        expect(await stack.start()).toContain("any client may use the relay");
        await stack.set("verify.url", undefined);
        await stack.set("verify.failOpen", undefined);
        await stack.set("verify.mode", "none");
        expect(await stack.start()).toContain("any client may use the relay");
    });

    it("leaves nothing behind when it is destroyed", async () => {
        const { before, stack, tailnet } = scene;
        await tailnet.stop();
        expect(await stack.destroy()).toContain("stack e2e is gone; caches are kept");
        expect(await hostTraces("e2e", PROJECT_FOLDER)).toEqual(before);
    });
});
