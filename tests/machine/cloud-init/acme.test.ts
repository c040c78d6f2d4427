import { spawnSync } from "node:child_process";
import { join } from "node:path";

import { type PayloadSettings, renderPayload } from "../../../components/cloud-init/payload";
import { VERSIONS } from "../../../components/versions";
import { FakeMachine } from "../../support/machine";
import { payloadSettings } from "../../support/settings";

const HOSTNAME = "relay.example.com";
const ADDRESS = "203.0.113.7";
/** As the kernel writes 2001:db8::7. */
const OWN_IPV6 = "20010db8000000000000000000000007";
const FILES = join(__dirname, "../../../components/cloud-init/files");
const HEALTH = join(FILES, "health.sh");
const CERTIFICATE = `var/lib/derper/certs/${HOSTNAME}`;
/** What derper says when it is refused, and at the connections that came in the meantime. */
const JOURNAL = [
    "2026/11/24 10:00:01 http: TLS handshake error from 127.0.0.1:5: acme/autocert: missing certificate",
    ...[
        ...["tls: no supported versions", "EOF", "read tcp 10.0.0.5:443->198.51.100.66:4: reset"],
        ...['acme/autocert: host "a.example" not configured', "acme/autocert: missing server name"],
        "client sent an HTTP request to an HTTPS server",
    ].map((why) => `2026/11/24 10:00:02 http: TLS handshake error from 198.51.100.66:4: ${why}`),
    "2026/11/24 10:05:01 http: TLS handshake error from 198.51.100.67:4: 429 urn:ietf:params:acme:error:rateLimited: too many",
].join("\n");
const NO_CERTIFICATE = "bad   derper must have a certificate: ";

describe("acme.sh", () => {
    let machine: FakeMachine;

    beforeEach(() => {
        machine = new FakeMachine({
            ...{ hostname: HOSTNAME, address: ADDRESS, certificate: { mode: "letsencrypt" } },
            ports: { derp: 443, stun: 40_478 },
        });
        machine.addDerper(VERSIONS.tailscale);
        machine.stub("journalctl", `cat <<'END'\n${JOURNAL}\nEND`);
        machine.stub("curl", "exit 28");
        has();
        resolvesTo(ADDRESS);
    });

    afterEach(() => {
        machine.remove();
    });

    const resolvesTo = (...addresses: string[]) => {
        // Without -A, a machine without IPv6 is told of no AAAA record.
        const lines = addresses.map(
            (address) =>
                `${address.includes(":") ? '[ "$1" != -A ] || ' : ""}printf '${address} %s\\n' STREAM RAW`,
        );
        // A number needs no resolver.
        const notation = `case $3 in *:*) exec /usr/bin/getent "$@" ;; esac`;
        machine.stub("getent", [notation, ...lines].join("\n"));
    };
    /** IPv6 addresses that the machine has, as the kernel writes them, beside those of every interface. */
    const has = (...addresses: string[]) => {
        const lines = addresses.map((each) => `${each} 02 40 00 80 eth0\n`);
        const others = `fe80${"0".repeat(27)}7 02 40 20 80 eth0\n${"0".repeat(31)}1 01 80 10 80 lo\n`;
        machine.write("proc-net/if_inet6", lines.join("") + others);
    };
    const called = (command: string) => machine.calls.filter((call) => call.startsWith(command));
    /** The installer has come as far as derper, and no farther: what serves is not what this is about. */
    const stopAtRestart = () => {
        machine.stub("systemctl", '[ "$1" != restart ]');
    };
    /** The next connection gets derper a certificate. */
    const isIssued = () => {
        const file = join(machine.root, CERTIFICATE);
        machine.stub("curl", `mkdir -p '${join(file, "..")}'; echo PEM >'${file}'`);
    };

    it.each([
        ["another address", ["198.51.100.1"], "got 198.51.100.1."],
        ["two addresses", [ADDRESS, "198.51.100.1"], `got ${ADDRESS} 198.51.100.1.`],
        ["nothing", [], "got nothing."],
    ])("fault 17: orders nothing while the name resolves to %s", async (_, addresses, got) => {
        resolvesTo(...addresses);
        expect((await machine.install({ NETWORK_WAIT: "0" })).code).toBe(1);
        expect(machine.status).toBe(
            `failed: ${HOSTNAME} must resolve to ${ADDRESS} before a certificate is ordered: ` +
                `${got} Fix: its A and AAAA records, then wait until they are known everywhere`,
        );
        expect(called("systemctl restart derper")).toEqual([]);
        expect(called("curl")).toEqual([]);
    });

    it("orders while an AAAA record leads here, too", async () => {
        has(OWN_IPV6, "20010db8000000000000000000010007");
        resolvesTo("2001:db8::7", ADDRESS);
        stopAtRestart();
        const { output } = await machine.install({ NETWORK_WAIT: "0" });
        expect(output).not.toContain("must resolve");
        expect(called("systemctl restart derper")).toHaveLength(1);
    });

    it.each([
        [[], ADDRESS, ["2001:db8::8", ADDRESS], "2001:db8::8 203.0.113.7"],
        [
            [OWN_IPV6],
            `${ADDRESS}, an AAAA record to 2001:db8::7`,
            [ADDRESS, "2001:db8::8"],
            "203.0.113.7 2001:db8::8",
        ],
        [[OWN_IPV6], `${ADDRESS}, an AAAA record to 2001:db8::7`, ["2001:db8::7"], "2001:db8::7"],
    ])(
        "fault 17: with %j of its own, must resolve to %s, not to %j",
        async (own, wanted, addresses, got) => {
            has(...own);
            resolvesTo(...addresses);
            expect((await machine.install({ NETWORK_WAIT: "0" })).code).toBe(1);
            expect(machine.status).toBe(
                `failed: ${HOSTNAME} must resolve to ${wanted} before a certificate is ordered: ` +
                    `got ${got}. Fix: its A and AAAA records, then wait until they are known everywhere`,
            );
        },
    );

    it("fault 17: waits until the record is known, and lets a machine be that bears the relay's name", async () => {
        resolvesTo("198.51.100.1");
        machine.stub(
            "sleep",
            `printf '%s\\n' '#!/bin/sh' 'echo 127.0.1.1 STREAM' >'${machine.root}/stubs/getent'`,
        );
        stopAtRestart();
        const { output } = await machine.install();
        expect(output).toContain("got 198.51.100.1, trying again");
        expect(called("systemctl restart derper")).toHaveLength(1);
    });

    it("says what an order was refused with, and leaves derper stopped: each connection would order again", async () => {
        expect((await machine.install()).code).toBe(1);
        expect(machine.status).toBe(
            `failed: no certificate for ${HOSTNAME}: 429 urn:ietf:params:acme:error:rateLimited: too many`,
        );
        expect(called("curl")).toHaveLength(1);
        expect(called("systemctl stop")).toEqual(["systemctl stop derper.service"]);
        expect(called("systemctl restart")).toHaveLength(1);
        expect(called("systemctl enable -q --now derp-relay-health.timer")).toHaveLength(1);
    });

    it("fault 17: leaves a relay that serves as it was while the name resolves elsewhere", async () => {
        const settings = (certificate: Partial<PayloadSettings> = {}) =>
            payloadSettings({ ports: { derp: 40_443, stun: 40_478 }, ...certificate });
        const healthy = { "health.sh": "#!/bin/sh\n", digest: "0123456789ab\n" };
        machine.writePayload({ ...renderPayload(settings()), ...healthy });
        await machine.install();
        const served = machine.read("etc/derp-relay/relay.env");
        resolvesTo("198.51.100.1");
        const certificate = { mode: "letsencrypt" } as const;
        machine.writePayload({
            ...renderPayload(settings({ certificate, hostname: HOSTNAME, address: ADDRESS })),
            ...healthy,
        });
        await machine.install({ NETWORK_WAIT: "0" });
        expect(machine.status).toMatch(/got 198\.51\.100\.1\. .*Rolled back: what served before/);
        expect(machine.read("etc/derp-relay/relay.env")).toBe(served);
    });

    it.each([
        'Get "https://acme.example/directory": EOF',
        'Get "https://acme.example/directory": tls: failed to verify certificate: x509: it has expired',
        'Get "https://acme.example/directory": read tcp 10.0.0.5:5->192.0.2.1:443: read: connection reset by peer',
        "context deadline exceeded",
    ])("says what kept the order from Let's Encrypt: %s", async (why) => {
        machine.stub("journalctl", `cat <<'END'\n${JOURNAL.replace(/429 .*/, why)}\nEND`);
        await machine.install();
        expect(machine.status).toBe(`failed: no certificate for ${HOSTNAME}: ${why}`);
    });

    it("orders nothing when there is a certificate, whatever the record says", async () => {
        machine.write(CERTIFICATE, "PEM");
        stopAtRestart();
        resolvesTo("198.51.100.1");
        await machine.install({ NETWORK_WAIT: "0" });
        expect(called("systemctl restart derper")).toHaveLength(1);
    });

    describe("in the health check, after a refusal", () => {
        beforeEach(async () => {
            await machine.install();
            machine.write("calls", "");
            machine.write("run/derp-relay-health/failures", "");
        });

        const check = () => machine.run(HEALTH, ["--ask"]);
        const asked = () => machine.read("run/derp-relay-health/asked");
        const setAge = (minutes: number) => {
            const { status } = spawnSync("touch", [
                ...["-d", `${String(minutes)} minutes ago`],
                join(machine.root, "var/lib/derp-relay/refusal"),
            ]);
            expect(status).toBe(0);
        };

        it("passes the refusal on, and connects to nobody", async () => {
            const { code, output } = await check();
            expect(code).toBe(1);
            expect(output).toBe(
                `${NO_CERTIFICATE}429 urn:ietf:params:acme:error:rateLimited: too many\n`,
            );
            expect(called("curl")).toEqual([]);
        });

        it("asks for another order an hour later, not before, and not while the record is wrong", async () => {
            await check();
            expect(asked()).toBe("");
            setAge(61);
            resolvesTo("198.51.100.1");
            await check();
            expect(asked()).toBe("");
            resolvesTo(ADDRESS);
            await machine.run(HEALTH);
            expect(asked()).toBe("");
            await check();
            expect(asked()).toBe("order\n");
            await machine.run(HEALTH, ["--ask"]);
            expect(called("systemctl")).toEqual([]);
        });

        it("orders once more when it is asked", async () => {
            machine.write("run/derp-relay-health/asked", "order\n");
            await machine.run(HEALTH, ["--repair"]);
            expect(machine.read("var/lib/derp-relay/refusal")).toBe(
                "429 urn:ietf:params:acme:error:rateLimited: too many\n",
            );
            expect(called("systemctl")).toEqual([
                "systemctl start derper.service",
                "systemctl stop derper.service",
            ]);
            isIssued();
            expect((await machine.run(HEALTH, ["--repair"])).code).toBe(0);
            expect(called("systemctl stop derper")).toHaveLength(1);
            expect(machine.read("var/lib/derp-relay/refusal")).toBe("");
        });
    });
});
