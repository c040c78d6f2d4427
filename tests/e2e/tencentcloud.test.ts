import { setTimeout as sleep } from "node:timers/promises";

import type { DerpNode } from "../../components/derp-map/types";
import { probeDerp } from "../../components/probe/derp";
import { probeStun } from "../../components/probe/stun";
import { CloudScene, NOBODY } from "./cloud/cloud-scene";
import { inOrderOf, show } from "./support/report";
import { SCENE_LIMIT } from "./support/scene";
import { allTraffic, carryTraffic } from "./tailnet/traffic";

jest.setTimeout(30 * 60_000);

const HOSTNAME = "can.derp.example.com";
/** The longest time without an answer over STUN, in milliseconds, until somebody has seen enough. */
async function longestOutage(node: DerpNode, enough: AbortSignal): Promise<number> {
    let [last, longest] = [Date.now(), 0];
    while (!enough.aborted) {
        const { ok } = await probeStun(node, 200);
        longest = Math.max(longest, Date.now() - last);
        if (ok) last = Date.now();
        await sleep(100);
    }
    return longest;
}

describe("a relay at Tencent Cloud, without SSH", () => {
    let scene: CloudScene;

    beforeAll(async () => {
        scene = await CloudScene.set({
            name: "guangzhou",
            regionId: 902,
            regionCode: "can",
            hostname: HOSTNAME,
            place: { driver: "tencentcloud", zone: "ap-guangzhou-3", ipv6: true },
            dns: { provider: "dnspod", zone: "example.com" },
            certificate: { mode: "pinned" },
            verify: { mode: "none" },
        });
    }, SCENE_LIMIT);

    afterAll(async () => {
        await (scene as CloudScene | undefined)?.end();
    }, 120_000);

    it("comes up over SSH on its relay's own port, which lets nobody in afterwards", async () => {
        const { code, stdout } = await scene.up();
        expect([code, code === 0 ? "" : stdout]).toEqual([0, ""]);
        expect(stdout).toContain("[4/5] relay");
        // A key, or the archive with the relay's: gzip in base64.
        expect(stdout).not.toMatch(/PRIVATE KEY|H4sI/);
        expect(
            await scene.inMachine(
                "systemctl is-active derp-first-boot; find /etc -name 'derp-first*'",
            ),
        ).toBe("inactive");
        expect(await scene.node()).toMatchObject({
            HostName: HOSTNAME,
            IPv4: "10.93.0.10",
            CertName: expect.stringMatching(/^sha256-raw:[0-9a-f]{64}$/) as string,
        });
    });

    it("has the ports of its table open, and SSH to nobody", async () => {
        expect(await scene.opens(443)).toBe(true);
        expect(await scene.opens(80)).toBe(true);
        // Somebody listens there, over IPv6 as well.
        await scene.inMachine(
            "systemd-run -q --unit=stray python3 -m http.server 22 --bind ::; " +
                "timeout 20 bash -c 'until exec 3<>/dev/tcp/127.0.0.1/22; do sleep 0.1; done' 2>&1",
        );
        expect(await scene.opens(22)).toBe(false);
    });

    it("is reached over IPv6 as well, on the same ports", async () => {
        expect(await scene.inMachine("ss -Htln sport = 22")).toMatch(/\*:22|\[::\]:22/);
        expect([await scene.opens6(443), await scene.opens6(22)]).toEqual([true, false]);
        const { IPv6 } = await scene.node();
        expect(await scene.inMachine("cat /etc/derp-ipv6/address.env")).toContain(
            `=${String(IPv6)}\n`,
        );
    });

    it("has its name in the DNS", async () => {
        const { IPv6 } = await scene.node();
        expect(await scene.resolve(HOSTNAME)).toEqual(["10.93.0.10", IPv6]);
    });

    it("carries the traffic of two clients", async () => {
        const { clients } = await scene.tailnet();
        expect(await carryTraffic(clients, "can", 1)).toEqual(allTraffic("can", "guangzhou", 1));
    });

    it("fault 10: is replaced for another option, and keeps address, pin and name", async () => {
        const before = { instance: scene.instance(), map: await scene.mapWithoutIpv6() };
        await scene.set("bandwidthMbps", "20");
        const outage = new AbortController();
        const longest = longestOutage(await scene.node(), outage.signal);
        const { code, stdout } = await scene.up().finally(() => {
            outage.abort();
        });
        expect(code).toBe(0);
        show(`the relay was away for ${((await longest) / 1000).toFixed(1)} s at most`);
        // The old machine serves until the new one does, and only then the address moves.
        const steps = [
            ...["Instance guangzhou created replacement", "Command guangzhou created replacement"],
            "RelayCheck guangzhou.first updated",
            ...["EipAssociation guangzhou deleted", "EipAssociation guangzhou created"],
            ...["RelayCheck guangzhou updated", "Instance guangzhou deleted"],
        ];
        expect(inOrderOf(stdout, steps)).toEqual(steps);
        expect(scene.instance()).not.toBe(before.instance);
        expect(await scene.mapWithoutIpv6()).toEqual(before.map);
        await scene.reachOverIpv6();
        expect(await scene.inMachine("cat /etc/derp-relay/rate.json")).toContain("1800000");
        await scene.pingBothWays("can");
    });

    it("says at once why a new machine does not serve, tries again, and leaves the old one alone", async () => {
        const before = { instance: scene.instance(), map: await scene.mapWithoutIpv6() };
        await scene.set("verify.mode", "url");
        await scene.set("verify.url", NOBODY);
        const machines = new Set<string | undefined>();
        for (let run = 0; run < 2; run += 1) {
            const { code, stdout } = await scene.up();
            expect(code).not.toBe(0);
            expect(stdout).toContain("the relay is not healthy: what verifies clients must answer");
            // That is for who could not connect.
            expect(stdout).not.toContain("nobody could log in");
            const [old, next, ...others] = scene.stack.cloud.objects("Instance");
            expect([old?.id, others]).toEqual([before.instance, []]);
            machines.add(next?.id);
            const units = "systemctl is-active derper derp-first-boot";
            expect(await scene.inMachine(units, next?.id)).toBe("inactive\nactive");
            // As after a reboot in the middle of an installation.
            const both = "systemctl enable -q derper && systemctl restart derp-first-boot";
            await scene.inMachine(`${both} && ${units}`, next?.id);
            expect(await scene.inMachine("systemctl is-enabled derper", next?.id)).toBe("disabled");
            // An sshd of the image that fails takes the folder of both away.
            await scene.inMachine("systemctl reset-failed ssh; systemctl restart ssh", next?.id);
            (await scene.pingBothWays("can")).forEach(show);
        }
        expect(machines.size).toBe(1);
        await scene.stack.pulumi(["config", "rm", "--path", "derp:regions[0].verify.url"]);
        expect(await scene.mapWithoutIpv6()).toEqual(before.map);
    });

    it("verifies clients from now on, which takes more than the cloud's user data holds", async () => {
        const map = await scene.mapWithoutIpv6();
        const key = await scene.verifyByTailnet();
        const { code, stdout } = await scene.up();
        expect([code, code === 0 ? "" : stdout]).toEqual([0, ""]);
        expect(stdout).not.toContain(key);
        // The machine that failed is gone with the old one.
        expect(scene.instance()).not.toBe("");
        expect(await scene.mapWithoutIpv6()).toEqual(map);
        (await scene.pingBothWays("can")).forEach(show);
        expect(await probeDerp(await scene.node(), 5000)).toMatchObject({
            detail: "the relay verifies its clients: a stranger is refused",
        });
    });

    it("leaves nothing when it is destroyed", async () => {
        const { code, stderr } = await scene.stack.destroy();
        // With the reason, should there be one.
        expect([code, stderr]).toEqual([0, ""]);
        expect(scene.stack.cloud.objects()).toEqual([]);
    });
});
