import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { gunzipSync } from "node:zlib";

import type { DerpMap, DerpNode } from "../../components/derp-map/types";
import { applyPayload } from "../../components/drivers/local/install";
import { findMachine } from "../../components/drivers/local/processes";
import { waitUntilServing } from "../../components/probe/wait-until-serving";
import { PROJECT_FOLDER } from "../../scripts/project";
import { hostTraces, type HostTraces } from "./support/host-traces";
import { LocalStack } from "./support/local-stack";
import { directPath, netcheckShows, pingViaRelay } from "./tailnet/checks";
import { eventually } from "./tailnet/eventually";
import { startTailnet, type Tailnet } from "./tailnet/tailnet";
import { transfer } from "./tailnet/transfer";

const MINUTE = 60_000;
const CODE = "local";
const ADDRESS = "10.97.0.100";
/** Prints what the installer could change: every file with its time, and derper's process. */
const FINGERPRINT =
    "find /etc/derp-relay /opt/derp-relay /etc/systemd/system /etc/sysctl.d /var/lib/derper -type f " +
    "-printf '%p %T@ ' -exec sha256sum {} ';' | sort; systemctl show -p MainPID derper";

jest.setTimeout(10 * MINUTE);

describe("the local place", () => {
    let before: HostTraces;
    let stack: LocalStack;
    let tailnet: Tailnet;
    let started: string;
    let map: DerpMap;
    let node: DerpNode | undefined;

    const pingBothWays = async () => {
        const [a, b] = tailnet.clients;
        return [await pingViaRelay(a, b, CODE), await pingViaRelay(b, a, CODE)];
    };
    const serves = (patience: { timeoutMs: number }) => {
        if (node === undefined) throw new Error("the map must have a node");
        return waitUntilServing(node, patience);
    };
    const pid = () => stack.inMachine("systemctl show -p MainPID --value derper");

    beforeAll(async () => {
        before = await hostTraces("e2e", PROJECT_FOLDER);
        stack = new LocalStack("e2e", ADDRESS);
        started = await stack.start({ onLine: (line) => process.stderr.write(`  ${line}\n`) });
        map = await stack.derpMap();
        [node] = Object.values(map.Regions).flatMap(({ Nodes }) => Nodes);
        tailnet = await startTailnet({
            name: "derpe2e",
            bridge: stack.bridge,
            hostAddress: "10.97.0.1/24",
            addresses: { control: "10.97.0.10", clients: ["10.97.0.21", "10.97.0.22"] },
            derpMap: map,
            workFolder: stack.workFolder,
        });
    }, 80 * MINUTE);

    afterAll(async () => {
        await (tailnet as Tailnet | undefined)?.stop();
        await (stack as LocalStack | undefined)?.end();
    });

    it("ends npm start with the doctor's report and the derpMap", () => {
        expect(started).toContain("good  derp-handshake");
        expect(started).toContain("1 relay: all good");
        const printed = /^derpMap of stack e2e:\n(\{[\s\S]*?\n\})$/m.exec(started)?.[1] ?? "";
        expect(JSON.parse(printed)).toEqual(map);
    });

    it("exports a derpMap that pins the one certificate", () => {
        expect(map).toEqual({
            Regions: {
                "900": {
                    RegionID: 900,
                    RegionCode: CODE,
                    RegionName: "This computer",
                    Nodes: [
                        {
                            Name: "900a",
                            RegionID: 900,
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

    it("hands cloud-init a document that it finds nothing wrong with", async () => {
        expect(await stack.inMachine("cloud-init status")).toBe("status: done");
        expect(await stack.inMachine("cloud-init schema --system")).toContain("Valid");
    });

    it("runs derper as its own user, with one capability and an exposure of 1.4 at most", async () => {
        const relay = await pid();
        const status = await stack.inMachine(`cat /proc/${relay}/status`);
        expect(status).toMatch(/^CapEff:\t0000000000000400$/m);
        expect(await stack.inMachine(`stat -c %U /proc/${relay}`)).toBe("derper");
        const analysis = "systemd-analyze security --no-pager --threshold=14 derper.service";
        expect(await stack.inMachine(analysis)).toContain("Overall exposure level");
    });

    it("keeps /debug from 100.64/10 off the tailnet, and counts what it kept out", async () => {
        const rules = await stack.inMachine("nft list table inet derp_relay");
        expect(rules).toContain("ip saddr 100.64.0.0/10 tcp dport { 80, 443 } counter");
        expect(await stack.inMachine("/opt/derp-relay/health.sh")).not.toContain("bad");
    });

    it("lets two clients that are cut off from each other talk, via our region's code", async () => {
        const lines = await pingBothWays();
        expect(lines).toEqual([
            expect.stringContaining("via DERP(local)"),
            expect.stringContaining("via DERP(local)"),
        ]);
        const [a, b] = tailnet.clients;
        expect(await directPath(a, b)).toBeUndefined();
    });

    it("carries a file of some megabytes whole, in both directions", async () => {
        const [a, b] = tailnet.clients;
        expect(await transfer(a, b, 8)).toMatchObject({ bytes: 8_000_000 });
        expect(await transfer(b, a, 8)).toMatchObject({ bytes: 8_000_000 });
    });

    it("shows in tailscale netcheck", async () => {
        expect(await netcheckShows(tailnet.clients[0], CODE)).toContain("This computer");
    });

    it("fault 07: changes nothing at a second up, nor at a second run of the installer", async () => {
        const old = await stack.inMachine(FINGERPRINT);
        expect(await stack.start()).toContain("resources: 4 unchanged");
        const seed = join(stack.machine.rootfs, "var/lib/cloud/seed/nocloud/user-data");
        const text = gunzipSync(await readFile(seed)).toString();
        const config = JSON.parse(text.replace("#cloud-config\n", "")) as {
            write_files: [{ content: string }];
        };
        const archive = Buffer.from(config.write_files[0].content, "base64");
        await applyPayload(stack.machine, archive, () => undefined);
        expect(await stack.inMachine(FINGERPRINT)).toBe(old);
    });

    it("shows in a preview what the user changed, and no secret", async () => {
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
        const supervisor = await findMachine(stack.machine);
        await stack.set("bandwidthMbps", "80");
        expect(await stack.start()).toContain("changing LocalMachine local");
        expect(await findMachine(stack.machine)).toBe(supervisor);
        expect(await stack.derpMap()).toEqual(map);
        const metrics = await stack.inMachine("curl -sk https://127.0.0.1/debug/varz");
        expect(metrics).toMatch(/rate_limit_per_client_bytes_per_sec\w* 7200000$/m);
        await pingBothWays();
    });

    it("fault 27: goes back to the version that served when a new one does not start", async () => {
        const good = await stack.inMachine("readlink /opt/derp-relay/bin/derper");
        // It builds, as far as the installer can see, and then does not serve.
        const broken = `/opt/derp-relay/bin/${good.replace("v1.102.5", "v1.102.4")}`;
        await stack.inMachine(
            `printf '#!/bin/sh\\n[ "$1" = -version ] || exit 3\\n' >${broken}; chmod 755 ${broken}`,
        );
        await stack.set("derperVersion", "v1.102.4");
        await expect(stack.start()).rejects.toThrow("exited with code 1");
        expect(await stack.inMachine("readlink /opt/derp-relay/bin/derper")).toBe(good);
        expect(await stack.inMachine("cat /var/lib/derp-relay/install.status")).toContain(
            "Rolled back: what served before serves again",
        );
        await pingBothWays();
        await stack.set("derperVersion", undefined);
        expect(await stack.start()).toContain("1 relay: all good");
    });

    it("fault 18 and 19: names who holds a port, inside and outside", async () => {
        const hold =
            "import socket,time;s=socket.socket(socket.AF_INET6,socket.SOCK_DGRAM);" +
            "s.bind(('::',3478));time.sleep(600)";
        await stack.inMachine(
            "systemctl stop derper && " +
                `systemd-run -q --unit=holder python3 -c "${hold}" && sleep 1 && systemctl start derper`,
        );
        await serves({ timeoutMs: 20_000 }).catch(() => undefined);
        expect(await stack.inMachine("/opt/derp-relay/health.sh", [1])).toMatch(
            /^bad {3}derper must hold udp port 3478 \(STUN\): python3 \(pid \d+\) does$/m,
        );
        const doctor = await stack.npm("doctor", ["--stack", "e2e"], { okCodes: [1] });
        expect(doctor.stdout).toContain("bad   stun-answers");
        expect(doctor.stdout).toContain("good  derp-handshake");
        await stack.set("bandwidthMbps", "90");
        await expect(stack.start()).rejects.toThrow("exited with code 1");
        expect(await stack.inMachine("cat /var/lib/derp-relay/install.status")).toMatch(
            /^failed: port udp 3478 must be free: python3 \(pid \d+\) holds it/,
        );
        await stack.inMachine("systemctl stop holder; systemctl restart derper");
        expect(await stack.start()).toContain("1 relay: all good");
    });

    it("hides in the doctor what follows from a cause, and exits with 1", async () => {
        await stack.inMachine("systemctl stop derper");
        const doctor = (args: string[]) =>
            stack.npm("doctor", ["--stack", "e2e", ...args], { okCodes: [1] });
        const text = (await doctor([])).stdout;
        expect(text).toContain(`bad   tcp-connects     ${ADDRESS}:443/tcp: connect ECONNREFUSED`);
        expect(text).not.toContain("tls-certificate");
        const report = JSON.parse((await doctor(["--json"])).stdout) as { ok: boolean };
        expect(report.ok).toBe(false);
        await stack.inMachine("systemctl start derper");
        await pingBothWays();
    });

    it("fault 24: serves again within 5 s after derper was killed", async () => {
        const killed = await pid();
        await stack.inMachine(`kill -KILL ${killed}`);
        await serves({ timeoutMs: 5000 });
        expect(await pid()).not.toBe(killed);
        await pingBothWays();
    });

    it("fault 28: comes back by itself after the machine was rebooted", async () => {
        const supervisor = await findMachine(stack.machine);
        await stack.inMachine("systemctl --no-block reboot");
        await eventually(
            async () => {
                expect(await findMachine(stack.machine)).not.toBe(supervisor);
            },
            { what: "the machine to go down", timeoutMs: 60_000 },
        );
        await serves({ timeoutMs: 90_000 });
        await pingBothWays();
    });

    it("starts a machine that died again, with the same address and pin", async () => {
        const supervisor = await findMachine(stack.machine);
        expect(supervisor).toBeGreaterThan(1);
        process.kill(supervisor ?? process.pid, "SIGKILL");
        expect(await stack.start()).toContain("changing LocalMachine local");
        expect(await stack.derpMap()).toEqual(map);
        await pingBothWays();
    });

    it("leaves nothing behind when it is destroyed", async () => {
        await tailnet.stop();
        expect(await stack.destroy()).toContain("stack e2e is gone; caches are kept");
        expect(await hostTraces("e2e", PROJECT_FOLDER)).toEqual(before);
    });
});
