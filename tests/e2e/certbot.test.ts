import { ADDRESS, AcmeScene, SERVER } from "./acme/acme-scene";
import { OPERATOR } from "./cloud/cloud-scene";
import { show } from "./support/report";
import { SCENE_LIMIT } from "./support/scene";

jest.setTimeout(30 * 60_000);

const HOSTNAME = "relay.acme.test";
/** An address that the name has by mistake. */
const ELSEWHERE = "10.93.0.11";
/** Not derper's own, on which it could order by itself. */
const PORT = 8443;
const CERTS = "/etc/derp-relay/certs";
/** What the timer starts: the order, then what gives derper what is new. */
const RENEW = "systemctl start derp-relay-cert-install";
/** The same before it is due, and what both said. */
const FORCE =
    `touch /var/lib/derp-relay/certbot/force; now=$(date +%s); ${RENEW} 2>/dev/null; ` +
    "journalctl -q --since=@$now -o cat -u derp-relay-certbot -u derp-relay-cert-install";

describe("a relay with certificates from certbot", () => {
    let scene: AcmeScene;
    let serial: string;

    beforeAll(async () => {
        scene = await AcmeScene.set({
            name: "home",
            regionId: 905,
            hostname: HOSTNAME,
            certificate: { mode: "certbot" },
            ports: { derp: PORT },
            verify: { mode: "none" },
        });
        await scene.cloud.host.setRules(SERVER, [
            ...[80, PORT].map((port) => ({ protocol: "tcp" as const, port, cidr: "0.0.0.0/0" })),
            { protocol: "udp", port: 3478, cidr: "0.0.0.0/0" },
            { protocol: "tcp", port: 22, cidr: OPERATOR },
        ]);
    }, SCENE_LIMIT);

    afterAll(async () => {
        await (scene as AcmeScene | undefined)?.end();
    }, 120_000);

    const certificate = () => scene.certificate(HOSTNAME, PORT);
    const pid = () => scene.inMachine("systemctl show -p MainPID --value derper");
    const relayed = async () => {
        const lines = await scene.cloud.pingBothWays("home");
        lines.forEach(show);
        return lines;
    };
    const VIA = expect.stringContaining("via DERP(home)") as string;
    const failUp = async () => {
        const { code, stdout, stderr } = await scene.cloud.up();
        expect(code).not.toBe(0);
        expect(await scene.inMachine("systemctl is-active derper || :")).toBe("inactive");
        return `${stdout}${stderr}`;
    };

    it("fault 17: orders nothing while its name resolves to another address", async () => {
        await scene.cloud.host.setRecord(HOSTNAME, ELSEWHERE);
        expect(await failUp()).toContain(
            `${HOSTNAME} must resolve to ${ADDRESS} before a certificate is ordered: got ${ELSEWHERE}`,
        );
        expect(scene.front.orders).toBe(0);
    });

    it("shows what Let's Encrypt refuses an order with, and orders once", async () => {
        await scene.cloud.host.setRecord(HOSTNAME, ADDRESS);
        const detail = "too many certificates already issued for this name";
        const type = "urn:ietf:params:acme:error:rateLimited";
        scene.front.refusal = { type, detail, status: 429 };
        const said = await failUp();
        scene.front.refusal = undefined;
        expect(said).toMatch(
            new RegExp(`certbot got no certificate for ${HOSTNAME}: .*"${type}" "${detail}"`),
        );
        expect(scene.front.orders).toBe(1);
    });

    it("comes up on its own port with a certificate that was issued for its name", async () => {
        const { code } = await scene.cloud.up();
        expect(code).toBe(0);
        const { subjectAltName, issuer, serialNumber } = await certificate();
        serial = serialNumber;
        expect(subjectAltName).toBe(`DNS:${HOSTNAME}`);
        expect(issuer).toMatch(/^CN=Pebble Intermediate CA /);
        expect(scene.front.orders).toBe(2);
        const node = await scene.cloud.node();
        expect(node).toMatchObject({ HostName: HOSTNAME, IPv4: ADDRESS, DERPPort: PORT });
        expect(node).not.toHaveProperty("CertName");
        expect(await relayed()).toEqual([VIA, VIA]);
    });

    it("looks twice a day, and does nothing before a renewal is due", async () => {
        const timers = await scene.inMachine("systemctl list-timers --no-pager derp-relay-certbot");
        expect(timers).toContain("1 timers listed");
        const before = await pid();
        await scene.inMachine(RENEW);
        for (const unit of ["derp-relay-certbot", "derp-relay-cert-install"]) {
            expect(await scene.inMachine(`systemctl show -p Result --value ${unit}`)).toBe(
                "success",
            );
        }
        expect(await pid()).toBe(before);
        expect(scene.front.orders).toBe(2);
    });

    it("orders as a user of its own, and has each unit exposed 1.4 at most", async () => {
        const units = await scene.inMachine("cd /etc/systemd/system; ls derp-relay-cert*.service");
        expect(units.split("\n")).toEqual([
            ...["derp-relay-cert-install", "derp-relay-certbot-port", "derp-relay-certbot"].map(
                (unit) => `${unit}.service`,
            ),
        ]);
        for (const unit of units.split("\n")) {
            const analysis = `systemd-analyze security --no-pager --threshold=14 ${unit}`;
            expect(await scene.inMachine(analysis)).toContain("Overall exposure level");
        }
        expect(
            await scene.inMachine("find /var/lib/derp-relay/certbot -printf '%u\\n' | sort -u"),
        ).toBe("derp-relay-certbot");
        expect(
            await scene.inMachine(
                "find /var/lib/derp-relay/certbot -name 'privkey*' ! -type l -printf '%u %m\\n'",
            ),
        ).toBe("derp-relay-certbot 600");
    });

    it("renews with one restart, and the clients come back", async () => {
        const restarts = "journalctl -q -u derper -o cat | grep -c '^Started'";
        const before = Number(await scene.inMachine(restarts));
        // With the relay on port 80.
        const output = await scene.inMachine(FORCE);
        show(output);
        expect(output).toContain(`done: derper serves it as ${HOSTNAME}`);
        expect(await scene.inMachine("nft list tables")).not.toContain("derp_relay_order");
        const { serialNumber } = await certificate();
        expect(serialNumber).not.toBe(serial);
        serial = serialNumber;
        expect(Number(await scene.inMachine(restarts))).toBe(before + 1);
        const renewed = Date.now();
        expect(await relayed()).toEqual([VIA, VIA]);
        show(`the clients reach each other ${String(Date.now() - renewed)} ms after the command`);
    });

    it("waits for a derper that is slow to serve the renewed one, and restarts it once", async () => {
        const extra = "/run/systemd/system/derper.service.d";
        await scene.inMachine(
            `mkdir -p ${extra}; start=$(sed -n 's/^ExecStart=//p' /etc/systemd/system/derper.service); ` +
                `printf '[Service]\\nExecStart=\\nExecStart=/bin/sh -c "sleep 8; exec %s"\\n' "$start" >${extra}/slow.conf; ` +
                "systemctl daemon-reload",
        );
        const since = "--since=@$(cat /run/began)";
        const output = await scene.inMachine(`date +%s >/run/began; ${FORCE}`);
        show(output);
        expect(output).toContain(`done: derper serves it as ${HOSTNAME}`);
        const { serialNumber } = await certificate();
        expect(serialNumber).not.toBe(serial);
        serial = serialNumber;
        const starts = await scene.inMachine(
            `journalctl -q -u derper -o cat ${since} | grep -c '^Started'`,
        );
        expect(starts).toBe("1");
        const checks = await scene.inMachine(`journalctl -q -u derp-relay-health -o cat ${since}`);
        expect(checks.match(/nobody does/g)?.length).toBeGreaterThan(5);
        expect(checks).not.toContain("repeated too quickly");
        await scene.inMachine(`rm -r ${extra}; systemctl daemon-reload; systemctl restart derper`);
    });

    it("keeps the renewed certificate when an option changes, and when it is installed anew", async () => {
        await scene.cloud.set("bandwidthMbps", "50");
        expect((await scene.cloud.up()).code).toBe(0);
        expect((await certificate()).serialNumber).toBe(serial);
        await scene.inMachine("systemctl stop derper; rm -rf /opt/derp-relay /etc/derp-relay");
        await scene.cloud.set("bandwidthMbps", "60");
        expect((await scene.cloud.up()).code).toBe(0);
        expect((await certificate()).serialNumber).toBe(serial);
        expect(scene.front.orders).toBe(4);
    });

    it.each([
        [
            "fault 14: a full disk",
            "tmpfs",
            "cp -a $c/. /run/c && mount -t tmpfs -o size=8k x $c && cp -a /run/c/. $c",
        ],
        ["a read-only folder", "ro", "mount --bind $c $c && mount -o remount,ro,bind $c"],
    ])("goes on with the old certificate on %s, with an alert", async (_, name, command) => {
        await scene.inMachine(`c=${CERTS}; mkdir -p /run/c; ${command}`);
        const before = await pid();
        const output = await scene.inMachine(FORCE);
        show(output);
        expect(output).toMatch(
            name === "ro"
                ? /is served: .*Read-only file system/
                : /is served: .*No space left on device/,
        );
        expect(await pid()).toBe(before);
        expect((await certificate()).serialNumber).toBe(serial);
        expect(
            await scene.inMachine(
                "journalctl -q -p err -t derp-relay-cert-install -o cat | tail -n 1",
            ),
        ).toContain("the old one stays in place and is served");
        // Restarted for another reason, derper finds a pair that fits.
        await scene.inMachine(`umount ${CERTS}; systemctl restart derper`);
        const orders = scene.front.orders;
        await scene.inMachine(RENEW);
        const { serialNumber } = await certificate();
        expect(serialNumber).not.toBe(serial);
        serial = serialNumber;
        // The one that waited, not another one.
        expect(scene.front.orders).toBe(orders);
    });

    it("relays after all of that", async () => {
        expect(await relayed()).toEqual([VIA, VIA]);
    });

    it("leaves nothing of certbot on the server when it is destroyed", async () => {
        // On this host all machines share a cache, which is not the server's to remove.
        await scene.inMachine("umount /var/cache/derp-relay");
        expect((await scene.cloud.stack.destroy()).code).toBe(0);
        expect(
            await scene.inMachine(
                "ls -d /etc/systemd/system/derp* /usr/local/sbin/derp* /var/lib/derp-relay 2>/dev/null; " +
                    "command -v certbot; getent passwd derp-relay-certbot; systemctl is-active derp-relay-certbot.timer || :",
            ),
        ).toBe("inactive");
    });
});
