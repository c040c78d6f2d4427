import { ADDRESS, AcmeScene } from "./acme/acme-scene";
import { show } from "./support/report";
import { SCENE_LIMIT } from "./support/scene";
import { eventually } from "./tailnet/eventually";

jest.setTimeout(30 * 60_000);

const HOSTNAME = "relay.acme.test";
/** An address that the name has by mistake. */
const ELSEWHERE = "10.93.0.11";

describe("a relay with certificates from Let's Encrypt", () => {
    let scene: AcmeScene;
    let serial: string;

    beforeAll(async () => {
        scene = await AcmeScene.set({
            name: "home",
            regionId: 904,
            hostname: HOSTNAME,
            certificate: { mode: "letsencrypt" },
            // Without plain HTTP, TLS-ALPN-01 is the only way to prove that the name is the relay's.
            ports: { http: -1 },
            verify: { mode: "none" },
        });
    }, SCENE_LIMIT);

    afterAll(async () => {
        await scene.end();
    }, 120_000);

    const certificate = () => scene.certificate(HOSTNAME);
    const pid = () => scene.inMachine("systemctl show -p MainPID --value derper");
    const setEmail = (email: string) => scene.cloud.set("certificate.email", email);

    it("orders nothing while its name resolves to another address, and says what to mend", async () => {
        await scene.cloud.host.setRecord(HOSTNAME, ELSEWHERE);
        const { code, stdout, stderr } = await scene.cloud.up();
        expect(code).not.toBe(0);
        expect(`${stdout}${stderr}`).toContain(
            `${HOSTNAME} must resolve to ${ADDRESS} before a certificate is ordered: got ${ELSEWHERE}`,
        );
        expect(scene.front.orders).toBe(0);
        expect(await scene.inMachine("systemctl is-active derper || :")).toBe("inactive");
    });

    it("comes up with a certificate that was issued for its name", async () => {
        await scene.cloud.host.setRecord(HOSTNAME, ADDRESS);
        const { code } = await scene.cloud.up();
        expect(code).toBe(0);
        const { subjectAltName, issuer, serialNumber } = await certificate();
        serial = serialNumber;
        expect(subjectAltName).toBe(`DNS:${HOSTNAME}`);
        expect(issuer).toMatch(/^CN=Pebble Intermediate CA /);
        expect(scene.front.orders).toBe(1);
        const node = await scene.cloud.node();
        expect(node).toMatchObject({ HostName: HOSTNAME, IPv4: ADDRESS });
        expect(node).not.toHaveProperty("CertName");
    });

    it("relays for clients that trust whom has issued it", async () => {
        const lines = await scene.cloud.pingBothWays("home");
        lines.forEach(show);
        expect(lines).toEqual([
            expect.stringContaining("via DERP(home)"),
            expect.stringContaining("via DERP(home)"),
        ]);
    });

    it("changes nothing at a second up", async () => {
        const { stdout } = await scene.cloud.up();
        expect(stdout).toMatch(/Resources:\n +\d+ unchanged\n/);
    });

    it("keeps its certificate when an option changes", async () => {
        const before = await pid();
        await setEmail(`ops@${HOSTNAME}`);
        expect((await scene.cloud.up()).code).toBe(0);
        expect(await pid()).not.toBe(before);
        expect((await certificate()).serialNumber).toBe(serial);
        expect(scene.front.orders).toBe(1);
    });

    it("keeps its certificate when it is installed anew", async () => {
        await scene.inMachine("systemctl stop derper; rm -rf /opt/derp-relay /etc/derp-relay");
        await setEmail(`admin@${HOSTNAME}`);
        expect((await scene.cloud.up()).code).toBe(0);
        expect((await certificate()).serialNumber).toBe(serial);
        expect(scene.front.orders).toBe(1);
    });

    // With 429, for a rate, derper would try for five minutes before it says the same.
    const type = "urn:ietf:params:acme:error:rejectedIdentifier";
    const refusal = { type, detail: "the server will not issue for this name", status: 403 };
    const refused = `403 ${type}: ${refusal.detail}`;

    it("shows what Let's Encrypt refuses an order with", async () => {
        scene.front.refusal = refusal;
        await scene.inMachine("rm -rf /var/lib/derper/certs");
        await setEmail(`ops@${HOSTNAME}`);
        const { code, stdout, stderr } = await scene.cloud.up();
        expect(code).not.toBe(0);
        expect(`${stdout}${stderr}`).toContain(`no certificate for ${HOSTNAME}: ${refused}`);
    });

    /** What the timer does, when the last refusal is as old as that. */
    const checkAfter = (minutes: number) =>
        scene.inMachine(
            `touch -d '${String(minutes)} minutes ago' /var/lib/derp-relay/refusal; ` +
                "systemctl start derp-relay-health 2>/dev/null || :",
        );
    const isActive = () => scene.inMachine("systemctl is-active derper || :");

    it("orders again by itself, an hour after that, and once", async () => {
        const { orders } = scene.front;
        await checkAfter(59);
        expect(await isActive()).toBe("inactive");
        expect(scene.front.orders).toBe(orders);
        await checkAfter(61);
        await eventually(
            async () => {
                const fresh = "find /var/lib/derp-relay/refusal -mmin -5 -exec cat {} +";
                expect(await scene.inMachine(fresh)).toBe(refused);
                expect(await isActive()).toBe("inactive");
            },
            { what: "another refusal", timeoutMs: 60_000 },
        );
        expect(scene.front.orders).toBe(orders + 1);
        scene.front.refusal = undefined;
        await checkAfter(61);
        await eventually(certificate, { what: "a certificate", timeoutMs: 60_000 });
        expect((await certificate()).serialNumber).not.toBe(serial);
        expect(scene.front.orders).toBe(orders + 2);
    });

    it("goes on with that when it is installed once more", async () => {
        const { serialNumber } = await certificate();
        expect((await scene.cloud.up()).code).toBe(0);
        expect((await certificate()).serialNumber).toBe(serialNumber);
    });

    it("fault 10: orders once for another machine, and not again", async () => {
        const { orders } = scene.front;
        const { serialNumber } = await certificate();
        await scene.reinstall();
        // As docs/server.md says.
        const command =
            "urn:pulumi:engine::derp::derp:index:DerpRegion$command:remote:Command::home";
        expect((await scene.cloud.up("--replace", command)).code).toBe(0);
        const next = await certificate();
        expect(next.serialNumber).not.toBe(serialNumber);
        expect(scene.front.orders).toBe(orders + 1);
        expect((await scene.cloud.up()).code).toBe(0);
        expect((await certificate()).serialNumber).toBe(next.serialNumber);
        expect(scene.front.orders).toBe(orders + 1);
    });
});
