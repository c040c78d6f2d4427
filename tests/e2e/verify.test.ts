import { PROJECT_FOLDER } from "../../scripts/project";
import { hostTraces } from "./support/host-traces";
import { Scene, SCENE_LIMIT } from "./support/scene";
import { eventually } from "./tailnet/eventually";
import type { Tailnet } from "./tailnet/tailnet";
import { transfer } from "./tailnet/transfer";

const ADDRESS = "10.98.0.100";
const MINUTE = 60_000;
const UNIT = "derp-relay-tailscaled@home";

jest.setTimeout(30 * MINUTE);

/** Each step goes on where the one before has ended. */
describe("verification by a tailscaled on the machine", () => {
    let scene: Scene;
    let other: Tailnet;
    const keys: string[] = [];

    beforeAll(async () => {
        scene = await Scene.set("e2e-verify", ADDRESS);
        other = await scene.anotherTailnet(30);
    }, SCENE_LIMIT);

    afterAll(async () => {
        await (other as Tailnet | undefined)?.stop();
        await (scene as Scene | undefined)?.end();
    });

    const status = () => scene.stack.inMachine("cat /var/lib/derp-relay/install.status");
    const setKey = async (index: number, tailnet: Tailnet, expiration: string) => {
        const key = await tailnet.control.createRelayKey(expiration);
        keys.push(key);
        await scene.stack.setSecret(`verify.tailnets[${String(index)}].authKey`, key);
    };
    const addTailnet = async (index: number, name: string, tailnet: Tailnet) => {
        const path = `verify.tailnets[${String(index)}]`;
        await scene.stack.set(`${path}.name`, name);
        await scene.stack.set(`${path}.loginServer`, tailnet.control.url);
    };
    const refusals = (reason: string) =>
        scene.stack.inMachine(
            `journalctl -q -u derper -o cat --no-pager | grep '${reason}'`,
            [0, 1],
        );
    /** Has a client open its connections to relays anew; it may not get any. */
    const reconnect = async (tailnet: Tailnet) => {
        const [client] = tailnet.clients;
        await client.tailscale("down");
        // With an option it would want all those that it was started with.
        await client.tailscale("up").catch(() => undefined);
    };
    const health = (code: number) => scene.stack.inMachine("/opt/derp-relay/health.sh", [code]);
    /** Why the next installation fails, while the relay that serves goes on. */
    const refusal = async (): Promise<string> => {
        const relay = await scene.pid();
        await expect(scene.stack.start()).rejects.toThrow("exited with code 1");
        expect(await scene.pid()).toBe(relay);
        await scene.pingBothWays();
        return status();
    };

    it("ends with the true reason when the key is refused, and the old relay goes on", async () => {
        const { stack } = scene;
        await stack.set("verify.mode", "tailscale");
        await addTailnet(0, "home", scene.tailnet);
        await setKey(0, scene.tailnet, "1s");
        expect(await refusal()).toBe(
            "failed: tailnet home: the control plane refuses the authKey: authkey expired. " +
                "Fix: a new authKey, docs/verify.md",
        );
    });

    it("refuses a key of another tailnet than the one that is meant, and leaves that again", async () => {
        const { stack } = scene;
        await stack.set("verify.tailnets[0].domain", "yak-bebop.ts.net");
        await setKey(0, scene.tailnet, "10m");
        expect(await refusal()).toBe(
            "failed: tailnet home must be yak-bebop.ts.net: the authKey is of tailnet.test. " +
                "Fix: a new authKey, docs/verify.md",
        );
        await stack.set("verify.tailnets[0].domain", "tailnet.test");
    });

    it("fault 23: admits the members, and refuses a stranger and another tailnet", async () => {
        const { stack } = scene;
        await setKey(0, scene.tailnet, "10m");
        expect(await stack.start()).toContain("a stranger is refused");
        await scene.pingBothWays();
        await eventually(
            async () => {
                expect(await refusals("not found in local tailscaled")).toContain("10.98.0.41");
            },
            { what: "the other tailnet's client to be refused", timeoutMs: MINUTE },
        );
        expect(await health(0)).toMatch(/^good {2}clients refused within a day: [1-9]\d*$/m);
        const [member, friend] = scene.tailnet.clients;
        expect((await transfer(member, friend, 1)).bytes).toBe(1_000_000);
    });

    it("fault 05: has the key in no file, log or state once it was used", async () => {
        const { stack } = scene;
        for (const key of keys) {
            // In two parts: the machine's own log tells what it is asked.
            const search = (command: string, codes: number[]) =>
                stack.inMachine(`a=${key.slice(0, 9)} b=${key.slice(9)}; ${command}`, codes);
            const where = "/etc /opt /run /tmp /var/lib/derp-relay* /var/log /var/tmp /root";
            expect(await search(`grep -rlF -- "$a$b" ${where}`, [1, 2])).toBe("");
            expect(await search('journalctl -q --no-pager | grep -cF -- "$a$b"', [1])).toBe("0");
            const { stdout } = await stack.npm("pulumi", [
                "stack",
                "export",
                "--stack",
                stack.name,
            ]);
            expect(stdout).not.toContain(key);
        }
        await expect(stack.inMachine("ls /tmp/tmp.*")).rejects.toThrow("exited with code 2");
    });

    it("runs as its own user, without a capability, with an exposure of 1.4 at most", async () => {
        const { stack } = scene;
        const pid = await stack.inMachine(`systemctl show -p MainPID --value ${UNIT}`);
        expect(await stack.inMachine(`stat -c %U /proc/${pid}`)).toBe("derp-relay-tailscaled");
        expect(await stack.inMachine(`cat /proc/${pid}/status`)).toMatch(/^CapEff:\t0{16}$/m);
        await stack.inMachine(`systemd-analyze security --no-pager --threshold=14 ${UNIT}`);
        // Nothing of the tailnet is on the machine itself.
        expect(await stack.inMachine("ip -o link")).not.toContain("tailscale");
    });

    it("fault 21: live sessions survive a stopped tailscaled, and new clients are refused", async () => {
        const { stack } = scene;
        const [member, friend] = scene.tailnet.clients;
        await stack.inMachine(`systemctl stop ${UNIT}`);
        expect((await transfer(member, friend, 1)).bytes).toBe(1_000_000);
        expect(await health(1)).toMatch(
            /^bad {3}tailnet home: tailscaled must answer: it does not \(journalctl -u derp-relay-tailscaled@home\)$/m,
        );
        expect(await health(1)).not.toContain("derper's own check");
        await reconnect(scene.tailnet);
        await eventually(
            async () => {
                expect(await refusals("failed to query local tailscaled")).toContain("10.98.0.21");
            },
            { what: "a member to be refused", timeoutMs: MINUTE },
        );
        await stack.inMachine(`systemctl start ${UNIT}`);
        await scene.pingBothWays();
        expect(await health(0)).toContain(
            "good  tailnet home (tailnet.test) says who its members are",
        );
    });

    it("fault 22: blames the control plane when that is away and tailscaled restarts", async () => {
        const { stack } = scene;
        const [host] = new URL(scene.tailnet.control.url).host.split(":");
        await stack.inMachine(`ip route add blackhole ${host ?? ""}; systemctl restart ${UNIT}`);
        await eventually(
            async () => {
                expect(await health(1)).toMatch(
                    /^bad {3}tailnet home: the control plane http:\/\/10\.98\.0\.10:8080 must answer: /m,
                );
            },
            { what: "the health check to see it", timeoutMs: MINUTE },
        );
        expect(await health(1)).not.toContain("derper's own check");
        await stack.inMachine(`ip route del blackhole ${host ?? ""}`);
        await eventually(() => health(0), { what: "it to recover", timeoutMs: 2 * MINUTE });
        await scene.pingBothWays();
    });

    it("admits the members of two tailnets, and counts whom it refuses", async () => {
        const { stack } = scene;
        const login = await stack.inMachine(`systemctl show -p MainPID --value ${UNIT}`);
        await addTailnet(1, "friends", other);
        await setKey(1, other, "10m");
        expect(await stack.start()).toContain("a stranger is refused");
        expect(await stack.inMachine(`systemctl show -p MainPID --value ${UNIT}`)).toBe(login);
        await scene.pingBothWays();
        await scene.pingBothWays(other);
        const counts = await stack.inMachine("curl -s http://127.0.0.1:33478/");
        expect(counts).toMatch(/^derp_relay_clients_admitted [1-9]/m);
        expect(counts).toMatch(/^derp_relay_clients_refused [1-9]/m);
        const service = "derp-relay-admission.service";
        await stack.inMachine(`systemd-analyze security --no-pager --threshold=14 ${service}`);
    });

    it("fault 21: keeps nobody of one tailnet out when the other's tailscaled is stopped", async () => {
        const { stack } = scene;
        await stack.inMachine(`systemctl stop ${UNIT}`);
        await reconnect(other);
        expect(await scene.pingBothWays(other)).toHaveLength(2);
        await stack.inMachine(`systemctl start ${UNIT}`);
    });

    it("leaves both tailnets when it no longer verifies, and nothing behind when destroyed", async () => {
        const { before, stack, tailnet } = scene;
        await stack.set("verify.tailnets", undefined);
        await stack.set("verify.mode", "none");
        expect(await stack.start()).toContain("any client may use the relay");
        expect(await stack.inMachine("systemctl list-units --all --plain 'derp-relay-t*'")).toMatch(
            /^0 loaded units/m,
        );
        expect(await stack.inMachine("ls /var/lib/derp-relay-tailscaled")).toBe("");
        await other.stop();
        await tailnet.stop();
        expect(await stack.destroy()).toContain("stack e2e-verify is gone; caches are kept");
        expect(await hostTraces("e2e-verify", PROJECT_FOLDER)).toEqual(before);
    });
});
