import { generateKeyPairSync, type KeyObject } from "node:crypto";

import { renderSshUserData } from "../../components/cloud-init/user-data";
import { networkNames } from "../../components/drivers/local/names";
import { run } from "../../components/host/run";
import { runDoctor, targetsOf } from "../../scripts/doctor/run-doctor";
import { toOpenssh } from "../plugins/support/openssh";
import { CloudHost } from "./cloud/cloud-host";
import { CloudScene, OPERATOR } from "./cloud/cloud-scene";
import { show } from "./support/report";
import { SCENE_LIMIT } from "./support/scene";

jest.setTimeout(30 * 60_000);

const ADDRESS = "10.93.0.10";
/** Only this host and the server have addresses in this network, which goes with the bridge. */
const IPV6_NETWORK = "2001:db8:93:";
const IPV6_ADDRESS = `${IPV6_NETWORK}:10`;
const APT_TIMERS = "apt-daily.timer apt-daily-upgrade.timer";
/** Name of the machine that plays a rented server. */
const SERVER = "i-rented";

const makeKey = (): KeyObject => generateKeyPairSync("ec", { namedCurve: "P-256" }).privateKey;
const pemOf = (key: KeyObject) => key.export({ type: "sec1", format: "pem" }).toString();
const lineOf = (key: KeyObject) => toOpenssh(key).publicKey.trim();

describe("a relay on a server over SSH", () => {
    const keys = { host: makeKey(), login: makeKey() };
    let scene: CloudScene;

    const open = (ports: readonly number[]) => [
        ...ports.map((port) => ({ protocol: "tcp" as const, port, cidr: "0.0.0.0/0" })),
        { protocol: "udp" as const, port: 3478, cidr: "0.0.0.0/0" },
        { protocol: "tcp" as const, port: 22, cidr: OPERATOR },
    ];

    beforeAll(async () => {
        scene = await CloudScene.set({
            name: "home",
            regionId: 903,
            place: {
                ...{ driver: "server", address: ADDRESS, hostKey: lineOf(keys.host) },
                ...{ ipv6Address: IPV6_ADDRESS, securityUpdates: true },
            },
            verify: { mode: "none" },
        });
        await scene.host.boot(SERVER, renderSshUserData(pemOf(keys.host), lineOf(keys.login)));
        await scene.host.setRules(SERVER, open([80, 443]));
        await scene.host.bind(SERVER, ADDRESS, true);
        // Only then sshd has the keys that it was given.
        await scene.inMachine("timeout 120 cloud-init status --wait", SERVER);
        const { bridge } = networkNames(CloudHost.gateway);
        const address = ["-6", "address", "add", `${IPV6_NETWORK}:1/64`];
        await run("ip", [...address, "dev", bridge, "nodad"]);
        await scene.inMachine(
            `ip -6 address add ${IPV6_ADDRESS}/64 dev host0 nodad 2>&1 || exit 2`,
            SERVER,
        );
    }, SCENE_LIMIT);

    afterAll(async () => {
        await (scene as CloudScene | undefined)?.end();
    }, 120_000);

    const setKey = (key: KeyObject) =>
        scene.stack.set("[0].place.privateKey", pemOf(key), "--secret");

    /** Destroys the relay. On this host all machines share a cache, which is not the server's to remove. */
    const destroy = async () => {
        await scene.inMachine(
            "mkdir -p /mnt/cache && mount --bind /var/cache/derp-relay /mnt/cache && umount /var/cache/derp-relay",
            SERVER,
        );
        const { code, stdout } = await scene.stack.destroy();
        expect([code, code === 0 ? "" : stdout]).toEqual([0, ""]);
    };
    const restoreCache = () =>
        scene.inMachine(
            "mkdir -p /var/cache/derp-relay && mount --bind /mnt/cache /var/cache/derp-relay && umount /mnt/cache",
            SERVER,
        );
    const expectNothing = async () => {
        const traces =
            "/etc/derp-relay /opt/derp-relay /var/lib/derp-relay /var/cache/derp-relay /var/lib/derper";
        const found = `ls -d ${traces} /etc/systemd/system/derp* /etc/sysctl.d/90-derp* /etc/apt/apt.conf.d/52derp* 2>/dev/null; id derper 2>&1`;
        expect(await scene.inMachine(found, SERVER)).toMatch(/^id: .derper.: no such user$/);
    };

    it("says so when the server refuses the key", async () => {
        const other = makeKey();
        await setKey(other);
        const { code, stdout, stderr } = await scene.up();
        expect(code).not.toBe(0);
        // docs/server.md says what to do.
        expect(`${stdout}${stderr}`).toContain("ssh: unable to authenticate");
        expect(`${stdout}${stderr}`).not.toContain(pemOf(other).split("\n")[1]);
        await setKey(keys.login);
    });

    it("says so when the server has another host key than the one that was configured", async () => {
        await scene.set("place.hostKey", lineOf(makeKey()));
        const { code, stdout, stderr } = await scene.up();
        expect(code).not.toBe(0);
        expect(`${stdout}${stderr}`).toContain("ssh: host key mismatch");
        await scene.set("place.hostKey", lineOf(keys.host));
    });

    it("fault 19: names the process that holds the port already", async () => {
        await scene.inMachine(
            "systemd-run -q --unit=squatter python3 -m http.server 443; " +
                "timeout 20 bash -c 'until exec 3<>/dev/tcp/127.0.0.1/443; do sleep 0.1; done' 2>&1",
            SERVER,
        );
        const { code, stdout, stderr } = await scene.up();
        expect(code).not.toBe(0);
        expect(`${stdout}${stderr}`).toMatch(
            /port tcp 443 must be free: python3 \(pid \d+\) holds it/,
        );
        await scene.inMachine("systemctl stop squatter", SERVER);
    });

    it("leaves a derper alone that somebody runs by hand", async () => {
        const unit = "/etc/systemd/system/derper.service";
        await scene.inMachine(`echo '[Service]' >${unit}`, SERVER);
        const { code, stdout, stderr } = await scene.up();
        expect(code).not.toBe(0);
        expect(`${stdout}${stderr}`).toContain(
            `${unit} must be this relay's: it is another one. Fix: `,
        );
        await destroy();
        expect(
            await scene.inMachine(`cat ${unit}; ls -d /var/lib/derp* 2>&1 || :`, SERVER),
        ).toMatch(/^\[Service\]\nls: cannot access/);
        await scene.inMachine(`rm ${unit}`, SERVER);
        await restoreCache();
    });

    it("is rid of a relay whose first installation failed when that is destroyed", async () => {
        // Somebody has run derper by hand before, and may do so again.
        const own = "useradd -r derper; mkdir /var/lib/derper; echo mine >/var/lib/derper/own";
        await scene.inMachine(own, SERVER);
        const folder = "/etc/systemd/system/derper.service.d";
        const broken = "[Service]\nExecStart=\nExecStart=/bin/false\n";
        await scene.inMachine(`mkdir ${folder}; printf '${broken}' >${folder}/broken.conf`, SERVER);
        const { code, stdout, stderr } = await scene.up();
        expect(code).not.toBe(0);
        expect(`${stdout}${stderr}`).toContain("error: the relay is not healthy");
        expect(await scene.inMachine("systemctl is-enabled derper", SERVER)).toBe("enabled");
        await scene.inMachine(`rm -r ${folder}`, SERVER);
        await destroy();
        const left = "cat /var/lib/derper/own; userdel derper && rm -r /var/lib/derper";
        expect(await scene.inMachine(left, SERVER)).toBe("mine");
        await expectNothing();
        await restoreCache();
    });

    it("has no updates before, as some clouds' images", async () => {
        await scene.inMachine(`systemctl disable --now ${APT_TIMERS}`, SERVER);
        expect(await scene.inMachine("apt-config dump APT::Periodic", SERVER)).toBe("");
    });

    it("comes up with one command, which shows the installer's log", async () => {
        const { code, stdout } = await scene.up();
        expect(code).toBe(0);
        expect(stdout).toContain(`the relay serves as ${ADDRESS}`);
        expect(stdout).not.toContain("was not checked over IPv6");
        const lines = await scene.pingBothWays("home");
        lines.forEach(show);
        expect(lines).toEqual([
            expect.stringContaining("via DERP(home)"),
            expect.stringContaining("via DERP(home)"),
        ]);
    });

    it("has the system install its security updates, with its own means", async () => {
        const ask = (command: string) => scene.inMachine(command, SERVER);
        const periodic = await ask("apt-config dump APT::Periodic");
        expect(periodic).toContain('APT::Periodic::Update-Package-Lists "1";');
        expect(periodic).toContain('APT::Periodic::Unattended-Upgrade "1";');
        expect(await ask(`systemctl is-active ${APT_TIMERS}`)).toBe("active\nactive");
        expect(await ask(`systemctl is-enabled ${APT_TIMERS}`)).toBe("enabled\nenabled");
        const origins = await ask("unattended-upgrade --dry-run --verbose 2>&1");
        show(origins);
        expect(origins).toContain("label=Debian-Security");
        await ask("systemctl start apt-daily-upgrade.service");
        const log = await ask("cat /var/log/unattended-upgrades/unattended-upgrades.log");
        show(log.split("\n").at(-1) ?? "");
        expect(log).toMatch(/INFO Starting unattended upgrades script/);
    });

    it("serves over IPv6 as well", async () => {
        expect(await scene.node()).toMatchObject({ IPv4: ADDRESS, IPv6: IPV6_ADDRESS });
        const { ok, relays } = await runDoctor(targetsOf(await scene.derpMap()));
        const outcomes = relays.flatMap((relay) => relay.outcomes);
        const details = outcomes.map((outcome) => [
            outcome.check,
            "detail" in outcome ? outcome.detail : outcome.status,
        ]);
        details.forEach((line) => {
            show(line.join("  "));
        });
        expect(ok).toBe(true);
        // The host is seen as what it is in that network: the answer came over IPv6.
        const seen = "it sees us as [2001:db8:93::1]:";
        expect(Object.fromEntries(details)).toMatchObject({
            "derp-over-ipv6": "handshake done; any client may use the relay",
            "stun-over-ipv6": expect.stringContaining(seen) as unknown,
        });
    });

    it("says that a relay does not answer over IPv6 when it is closed there", async () => {
        const chain = "{ type filter hook input priority 0; tcp dport 443 drop; }";
        await scene.inMachine(
            `echo 'table ip6 closed { chain input ${chain}; }' | nft -f -`,
            SERVER,
        );
        const doctor = runDoctor(targetsOf(await scene.derpMap()));
        const { ok, relays } = await doctor.finally(() =>
            scene.inMachine("nft delete table ip6 closed", SERVER),
        );
        expect(ok).toBe(false);
        expect(relays.flatMap((relay) => relay.outcomes)).toContainEqual(
            expect.objectContaining({
                check: "derp-over-ipv6",
                status: "bad",
                detail: "over IPv6: no TLS handshake within 5 s",
            }),
        );
    });

    it("fault 07: changes nothing at a second up", async () => {
        const { stdout } = await scene.up();
        expect(stdout).toMatch(/Resources:\n +7 unchanged/);
    });

    it("leaves the relay to a region of another name that takes it over", async () => {
        await scene.set("name", "house");
        const { code, stdout } = await scene.up();
        expect(code).toBe(0);
        expect(stdout).toContain(
            "the relay on this server is left: it belongs to engine/house now",
        );
        expect(await scene.inMachine("systemctl is-active derper", SERVER)).toBe("active");
    });

    it("leaves nothing of the relay on the server when it is destroyed", async () => {
        await destroy();
        await expectNothing();
        // The package came with the relay, and had switched itself on.
        const periodic = await scene.inMachine("apt-config dump APT::Periodic", SERVER);
        expect(periodic).toContain('APT::Periodic::Update-Package-Lists "0";');
        expect(periodic).toContain('APT::Periodic::Unattended-Upgrade "0";');
        const active = "systemctl is-active derper || :";
        expect(await scene.inMachine(active, SERVER)).toBe("inactive");
    });
});
