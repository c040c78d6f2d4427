import { probeDerp } from "../../components/probe/derp";
import { COMMANDS } from "./cloud/cloud-host";
import { CloudScene, NOBODY } from "./cloud/cloud-scene";
import { inOrderOf, show } from "./support/report";
import { SCENE_LIMIT } from "./support/scene";
import { allTraffic, carryTraffic } from "./tailnet/traffic";

jest.setTimeout(30 * 60_000);

const INSTANCE =
    "urn:pulumi:engine::derp::derp:index:DerpRegion$alicloud:ecs/instance:Instance::shanghai";

describe("a relay at Alibaba Cloud, changed through Cloud Assistant", () => {
    let scene: CloudScene;

    beforeAll(async () => {
        scene = await CloudScene.set({
            name: "shanghai",
            regionId: 901,
            regionCode: "sha",
            place: { driver: "alicloud", zone: "cn-shanghai-b", ipv6: true },
            verify: { mode: "none" },
        });
    }, SCENE_LIMIT);

    afterAll(async () => {
        await (scene as CloudScene | undefined)?.end();
    }, 120_000);

    const builds = () => scene.inMachine("grep -c building /var/lib/derp-relay/install.log");

    it("comes up over SSH on its relay's port, and the first command adds nothing", async () => {
        const { code, stdout } = await scene.up();
        expect(code).toBe(0);
        expect(stdout).toContain("[4/5] relay");
        const steps = [
            "remote:Command shanghai created",
            "EcsInvocation shanghai.part created",
            "EcsInvocation shanghai created",
        ];
        expect(inOrderOf(stdout, steps)).toEqual(steps);
        // The agent would let everybody read them.
        expect(await scene.inMachine(`stat -c %a%U ${COMMANDS}/*`)).toBe("600root\n600root");
        // The log is of the last run.
        expect(await builds()).toBe("0");
        expect(await scene.opens(443)).toBe(true);
        expect(await scene.opens(22)).toBe(false);
    });

    it("is reached over IPv6 as well, on the same ports", async () => {
        await scene.inMachine(
            "systemd-run -q --unit=stray python3 -m http.server 8080 --bind ::; " +
                "timeout 20 bash -c 'until exec 3<>/dev/tcp/::1/8080; do sleep 0.1; done' 2>&1",
        );
        expect([await scene.opens6(443), await scene.opens6(8080)]).toEqual([true, false]);
    });

    it("carries the traffic of two clients", async () => {
        const { clients } = await scene.tailnet();
        expect(await carryTraffic(clients, "sha", 1)).toEqual(allTraffic("sha", "shanghai", 1));
    });

    it("gets another option in place: same machine, address and pin", async () => {
        const pid = () => scene.inMachine("systemctl show -p MainPID --value derper");
        const before = { instance: scene.instance(), map: await scene.derpMap(), pid: await pid() };
        await scene.set("bandwidthMbps", "20");
        const { code, stdout } = await scene.up();
        expect([code, code === 0 ? "" : stdout]).toEqual([0, ""]);
        expect(stdout).not.toContain("PRIVATE KEY");
        expect(scene.instance()).toBe(before.instance);
        expect(await scene.derpMap()).toEqual(before.map);
        expect(await scene.inMachine("cat /etc/derp-relay/rate.json")).toContain("1800000");
        expect(await pid()).not.toBe(before.pid);
        (await scene.pingBothWays("sha")).forEach(show);
    });

    it("verifies clients from now on: the same machine, which logs in, and only members pass", async () => {
        const before = scene.instance();
        const key = await scene.verifyByTailnet();
        const { code, stdout } = await scene.up();
        expect([code, code === 0 ? "" : stdout]).toEqual([0, ""]);
        expect(stdout).not.toContain(key);
        expect(scene.instance()).toBe(before);
        expect(await scene.inMachine("systemctl is-active derp-relay-tailscaled@home")).toBe(
            "active",
        );
        expect(await scene.inMachine("stat -c %a%U /var/lib/derp-relay/command.*")).toBe("600root");
        (await scene.pingBothWays("sha")).forEach(show);
        expect(await probeDerp(await scene.node(), 5000)).toMatchObject({
            detail: "the relay verifies its clients: a stranger is refused",
        });
    });

    it("mends a machine in place whose first installation has failed", async () => {
        const [instance, map] = [scene.instance(), await scene.mapWithoutIpv6()];
        await scene.stack.pulumi(["config", "rm", "--path", "derp:regions[0].verify.tailnets"]);
        await scene.set("verify.mode", "url");
        await scene.set("verify.url", NOBODY);
        const failed = await scene.up("--replace", INSTANCE);
        expect(failed.code).not.toBe(0);
        expect(failed.stdout).toContain(
            "the relay is not healthy: what verifies clients must answer",
        );
        const replacement = scene.stack.cloud.objects("Instance").at(-1)?.id ?? "";
        expect(replacement).not.toBe(instance);
        await scene.stack.pulumi(["config", "rm", "--path", "derp:regions[0].verify.url"]);
        await scene.set("verify.mode", "none");
        const { code, stdout } = await scene.up();
        expect([code, code === 0 ? "" : stdout]).toEqual([0, ""]);
        expect(scene.instance()).toBe(replacement);
        // An IPv6 address goes with its machine.
        expect(await scene.mapWithoutIpv6()).toEqual(map);
        await scene.reachOverIpv6();
        (await scene.pingBothWays("sha")).forEach(show);
    });

    it("leaves nothing when it is destroyed", async () => {
        const { code, stderr } = await scene.stack.destroy();
        expect([code, stderr]).toEqual([0, ""]);
        expect(scene.stack.cloud.objects()).toEqual([]);
    });
});
