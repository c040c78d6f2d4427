import { listMachines } from "../../components/drivers/local/root-file-system";
import { CloudScene, OPERATOR } from "./cloud/cloud-scene";
import { SCENE_LIMIT } from "./support/scene";
import { allTraffic, carryTraffic } from "./tailnet/traffic";

jest.setTimeout(30 * 60_000);

const ssh = { allowFrom: [OPERATOR] };
const CLOUDS = [
    {
        cloud: "Alibaba Cloud",
        place: { driver: "alicloud", zone: "cn-shanghai-b", ssh },
        name: {
            hostname: "one.derp.example.com",
            dns: { provider: "alidns", zone: "example.com" },
            certificate: { mode: "pinned" },
        },
        instance: "alicloud:ecs/instance:Instance",
        resources: 23,
    },
    {
        cloud: "Tencent Cloud",
        place: { driver: "tencentcloud", zone: "ap-guangzhou-3", ipv6: true, ssh },
        name: { hostname: undefined },
        instance: "tencentcloud:index/instance:Instance",
        resources: 22,
    },
];

describe.each(CLOUDS)("a relay at $cloud, changed over SSH", (cloud) => {
    const { place, name, instance, resources } = cloud;
    const host = name.hostname ?? "10.93.0.10";
    let scene: CloudScene;

    beforeAll(async () => {
        scene = await CloudScene.set({
            ...{ name: "first", regionId: 901, regionCode: "one" },
            ...{ place, ...name, verify: { mode: "none" } },
        });
    }, SCENE_LIMIT);

    afterAll(async () => {
        await (scene as CloudScene | undefined)?.end();
    }, 120_000);

    it("comes up with one command, which shows the installer's log", async () => {
        const { code, stdout } = await scene.up();
        expect(code).toBe(0);
        expect(stdout).toContain(`the relay serves as ${host}`);
        expect(await scene.node()).toMatchObject({
            HostName: host,
            IPv4: "10.93.0.10",
            CertName: expect.stringMatching(/^sha256-raw:[0-9a-f]{64}$/) as string,
        });
    });

    if (name.hostname !== undefined) {
        it("has its name in the DNS", async () => {
            expect(await scene.resolve(host)).toEqual(["10.93.0.10"]);
        });
    }

    it("hands cloud-init a document that it finds nothing wrong with", async () => {
        expect(await scene.inMachine("cloud-init schema --system")).toContain("Valid");
    });

    it("carries the traffic of two clients", async () => {
        const { clients } = await scene.tailnet();
        expect(await carryTraffic(clients, "one", 1)).toEqual(allTraffic("one", "first", 1));
    });

    it("has the ports of its table open to everybody, and no other", async () => {
        expect(await scene.opens(443)).toBe(true);
        expect(await scene.opens(80)).toBe(true);
        // Only the operator's range may use SSH, although a server listens.
        expect(await scene.inMachine("systemctl is-active ssh")).toBe("active");
        expect(await scene.opens(22)).toBe(false);
        await scene.inMachine(
            "systemd-run -q --unit=stray python3 -m http.server 8080; " +
                "timeout 20 bash -c 'until exec 3<>/dev/tcp/127.0.0.1/8080; do sleep 0.1; done' 2>&1",
        );
        expect(await scene.opens(8080)).toBe(false);
    });

    if ("ipv6" in place) {
        it("is reached over IPv6 as well, also when the network has forgotten the address, and after a reboot", async () => {
            const { IPv6 } = await scene.node();
            expect(IPv6).toMatch(/^2001:db8:/);
            expect(await scene.opens6(443)).toBe(true);
            expect(await scene.inMachine("ss -Htln sport = 22")).toContain("[::]:22");
            expect(await scene.opens6(22)).toBe(false);
            const forget = "ip -6 address flush dev host0 && ip -6 route flush default";
            expect(await scene.inMachine(`${forget} && ip -6 address show dev host0`)).toBe("");
            await scene.reachOverIpv6();
            await scene.reboot();
            await scene.reachOverIpv6();
        });
    }

    it("fault 07: changes nothing at a second up", async () => {
        const { code, stdout } = await scene.up();
        expect(code).toBe(0);
        expect(stdout).toContain(`${String(resources)} unchanged`);
    });

    it("gets another version over SSH: same machine, address and pin", async () => {
        const before = { instance: scene.instance(), node: await scene.node() };
        await scene.set("derperVersion", "v1.102.4");
        const preview = await scene.stack.preview("--diff");
        expect(preview.stdout).toMatch(/~ derperVersion: "v1\.102\.5" => "v1\.102\.4"$/m);
        expect(preview.stdout).toMatch(/~ command:remote:Command: \(update\)$/m);
        expect(preview.stdout).toMatch(/^ +stdin +: \[secret\]$/m);
        expect(preview.stdout).not.toMatch(/PRIVATE KEY|[A-Za-z0-9+/]{100}/);
        const { code, stdout } = await scene.up();
        expect(code).toBe(0);
        expect(stdout).toContain("building derper v1.102.4");
        expect(stdout).not.toContain("PRIVATE KEY");
        expect({ instance: scene.instance(), node: await scene.node() }).toEqual(before);
        expect(await scene.inMachine("/opt/derp-relay/bin/derper -version")).toContain("1.102.4");
        await scene.pingBothWays("one");
    });

    it("fault 10: keeps address and pin when the machine is replaced", async () => {
        const before = { instance: scene.instance(), map: await scene.mapWithoutIpv6() };
        const { code } = await scene.up(
            ...["--replace", `urn:pulumi:engine::derp::derp:index:DerpRegion$${instance}::first`],
        );
        expect(code).toBe(0);
        expect(scene.instance()).not.toBe(before.instance);
        // An IPv6 address goes with its machine.
        expect(await scene.mapWithoutIpv6()).toEqual(before.map);
        if ("ipv6" in place) await scene.reachOverIpv6();
        expect(await scene.inMachine("/opt/derp-relay/bin/derper -version")).toContain("1.102.4");
        await scene.pingBothWays("one");
    });

    it("leaves nothing when it is destroyed", async () => {
        const { code, stdout, stderr } = await scene.stack.destroy();
        // With the reason, should there be one.
        expect([code, stderr, code === 0 ? "" : stdout]).toEqual([0, "", ""]);
        expect(scene.stack.cloud.objects()).toEqual([]);
        const machines = await listMachines();
        expect(machines.filter((name) => name.endsWith("e2e-cloud"))).toEqual([]);
    });
});
