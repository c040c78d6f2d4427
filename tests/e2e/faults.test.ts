import { findMachine } from "../../components/drivers/local/processes";
import { probeTcp } from "../../components/probe/tcp";
import { Scene, SCENE_LIMIT } from "./support/scene";
import { eventually } from "./tailnet/eventually";

const ADDRESS = "10.99.0.100";

jest.setTimeout(10 * 60_000);

describe("the local place when something goes wrong", () => {
    let scene: Scene;

    beforeAll(async () => {
        scene = await Scene.set("e2e-faults", ADDRESS);
    }, SCENE_LIMIT);

    afterAll(async () => {
        await (scene as Scene | undefined)?.end();
    });

    it("fault 27: goes back to the version that served when a new one does not start", async () => {
        const { stack } = scene;
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
        await scene.pingBothWays();
        await stack.set("derperVersion", undefined);
        expect(await stack.start()).toContain("1 relay: all good");
    });

    it("fault 18 and 19: names who holds a port, inside and outside", async () => {
        const { node, stack } = scene;
        const hold =
            "import socket,time;s=socket.socket(socket.AF_INET6,socket.SOCK_DGRAM);" +
            "s.bind(('::',3478));time.sleep(600)";
        await stack.inMachine(
            "systemctl stop derper && " +
                `systemd-run -q --unit=holder python3 -c "${hold}" && sleep 1 && systemctl start derper`,
        );
        await eventually(
            async () => {
                expect(await probeTcp(node, 1000)).toHaveProperty("ok", true);
            },
            { what: "derper to listen", timeoutMs: 20_000 },
        );
        expect(await stack.inMachine("/opt/derp-relay/health.sh", [1])).toMatch(
            /^bad {3}derper must hold udp port 3478 \(STUN\): python3 \(pid \d+\) does$/m,
        );
        const doctor = await stack.npm("doctor", ["--stack", "e2e-faults"], { okCodes: [1] });
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
        const { stack } = scene;
        await stack.inMachine("systemctl stop derper");
        const doctor = (args: string[]) =>
            stack.npm("doctor", ["--stack", "e2e-faults", ...args], { okCodes: [1] });
        const text = (await doctor([])).stdout;
        expect(text).toContain(`bad   tcp-connects     ${ADDRESS}:443/tcp: connect ECONNREFUSED`);
        expect(text).not.toContain("tls-certificate");
        const report = JSON.parse((await doctor(["--json"])).stdout) as { ok: boolean };
        expect(report.ok).toBe(false);
        expect((await doctor(["--metrics"])).stdout).toContain(
            `derp_relay_up{region="local",relay="${ADDRESS}"} 0\n`,
        );
        await stack.inMachine("systemctl start derper");
        await scene.pingBothWays();
    });

    it("fault 24: serves again within 5 s after derper was killed", async () => {
        const { stack } = scene;
        const killed = await scene.pid();
        await stack.inMachine(`kill -KILL ${killed}`);
        await scene.serves({ timeoutMs: 5000 });
        expect(await scene.pid()).not.toBe(killed);
        await scene.pingBothWays();
    });

    it("fault 20: starts with its old key when that is empty or broken, and says so", async () => {
        const { stack } = scene;
        const file = "/var/lib/derper/derper.key";
        const key = await stack.inMachine(`cat ${file}`);
        expect(key).toContain("privkey:");
        for (const broken of ["", "{"]) {
            await stack.inMachine(`printf '${broken}' >${file}; systemctl restart derper`);
            await scene.serves({ timeoutMs: 5000 });
            expect((await stack.inMachine(`cat ${file}`)) === key).toBe(true);
        }
        expect(await stack.inMachine("journalctl -q -u derper -o cat | grep -c 'had no key'")).toBe(
            "2",
        );
    });

    it("fault 28: comes back by itself after the machine was rebooted", async () => {
        const { stack } = scene;
        const supervisor = await findMachine(stack.machine);
        await stack.inMachine("systemctl --no-block reboot");
        await eventually(
            async () => {
                expect(await findMachine(stack.machine)).not.toBe(supervisor);
            },
            { what: "the machine to go down", timeoutMs: 60_000 },
        );
        await scene.serves({ timeoutMs: 90_000 });
        expect(await stack.inMachine("nft list table inet derp_relay")).toContain("skuid != 0");
        await scene.pingBothWays();
    });

    it("starts a machine that died again, with the same address and pin", async () => {
        const { map, stack } = scene;
        const supervisor = await findMachine(stack.machine);
        expect(supervisor).toBeGreaterThan(1);
        process.kill(supervisor ?? process.pid, "SIGKILL");
        expect(await stack.start()).toContain("changing LocalMachine local");
        expect(await stack.derpMap()).toEqual(map);
        await scene.pingBothWays();
    });
});
