import { createSocket, type Socket } from "node:dgram";
import { readFileSync, rmSync } from "node:fs";
import { createServer, type AddressInfo, type Server } from "node:net";
import { join } from "node:path";

import { FakeMachine } from "../../support/machine";

const DAY = 24 * 60 * 60 * 1000;
const FILES = join(__dirname, "../../../components/cloud-init/files");
const TAILNETS = join(FILES, "tailnets.sh");
const SCRIPT = join(FILES, "health.sh");
const ASKED = "run/derp-relay-health/asked";
const LOCK = "var/lib/derp-relay/install.lock";
const date = (offset: number) => new Date(Date.now() + offset).toUTCString();

/** What `curl -v` shows of a relay. */
const answer = (status: number, body: string, expire: string, start = date(-DAY)) =>
    [
        "cat <<'END'",
        "* Server certificate:",
        `*  start date: ${start}`,
        `*  expire date: ${expire}`,
        body,
        `status ${String(status).padStart(3, "0")}`,
        "END",
    ].join("\n");

/** What nft 1.0.6 lists. */
const CHAIN = `table inet derp_relay {
	chain input {
		type filter hook input priority filter - 10; policy accept;
		iifname != "tailscale0" ip saddr 100.64.0.0/10 tcp dport { 80, 443 } counter packets 3 bytes 180 drop
		tcp dport { 80, 443 } ct state new update @recent4 { ip saddr limit rate over 20/second burst 200 packets } counter packets 39 bytes 2340 drop
	}
}`;

/** Where the kernel lists derper's processes. */
const CGROUP = "sys/fs/cgroup/system.slice/derper.service";
/** This process stands in for derper: it holds real ports. */
const HOST_PORTS = { PROC_NET: "/proc/net" };

describe("health.sh", () => {
    let machine: FakeMachine;
    let tcp: Server;
    let udp: Socket;
    const portOf = (address: AddressInfo | string | null) => String((address as AddressInfo).port);

    beforeEach(async () => {
        tcp = createServer();
        await new Promise<void>((resolve) => tcp.listen(0, "127.0.0.1", resolve));
        udp = createSocket("udp4");
        await new Promise<void>((resolve) => {
            udp.bind(0, "127.0.0.1", resolve);
        });
        machine = new FakeMachine();
        machine.write(
            "etc/derp-relay/relay.env",
            [
                "RELAY_HOSTNAME=10.90.0.101",
                `RELAY_DERP_PORT=${portOf(tcp.address())}`,
                `RELAY_STUN_PORT=${portOf(udp.address())}`,
                "RELAY_HTTP_PORT=-1",
                "RELAY_VERIFY_URL=",
                "RELAY_CERT_MODE=manual",
            ].join("\n"),
        );
        for (const file of [LOCK, ASKED]) machine.write(file, "");
        isDerper(process.pid);
        machine.stub("curl", answer(200, "ok", date(89.5 * DAY)));
        machine.stub("df", "echo head; echo fs 1 1 2048000 1 /");
        machine.stub("nft", `cat <<'END'\n${CHAIN}\nEND`);
    });

    afterEach(() => {
        tcp.close();
        udp.close();
        machine.remove();
    });

    const isDerper = (...pids: number[]) => {
        machine.write(`${CGROUP}/cgroup.procs`, pids.map((pid) => `${String(pid)}\n`).join(""));
    };
    /** What the health check asks for. */
    const asked = () => machine.read(ASKED);
    const check = async (...args: string[]) => {
        const { code, output } = await machine.run(SCRIPT, args, HOST_PORTS);
        return { code, lines: output.trim().split("\n") };
    };
    const bad = async () => (await check()).lines.filter((line) => line.startsWith("bad"));

    it.each([CGROUP, CGROUP.replace("cgroup/", "cgroup/systemd/")])(
        "is good when all is, with derper in %s",
        async (folder) => {
            rmSync(join(machine.root, CGROUP), { recursive: true });
            machine.write(`${folder}/cgroup.procs`, `${String(process.pid)}\n`);
            const [tcpPort, udpPort] = [portOf(tcp.address()), portOf(udp.address())];
            expect(await check()).toEqual({
                code: 0,
                lines: [
                    "good  the firewall dropped 42 packets",
                    `good  derper holds tcp port ${tcpPort} (DERP)`,
                    `good  derper holds udp port ${udpPort} (STUN)`,
                    "good  derper answers, and its own check passes",
                    "good  clients refused within a day: 0",
                    "good  the certificate is valid for 89 days",
                    "good  2000 MB of disk are free",
                ],
            });
        },
    );

    it("fault 16: is bad when the certificate has expired, which derper does not notice", async () => {
        machine.stub("curl", answer(200, "ok", date(-2.5 * DAY)));
        expect(await bad()).toEqual(["bad   the certificate must be valid: it expired 2 days ago"]);
    });

    it("is bad when the certificate is not valid yet, or the clock is wrong", async () => {
        const later = date(DAY);
        machine.stub("curl", answer(200, "ok", date(9 * DAY), later));
        expect(await bad()).toEqual([
            "bad   the certificate must be valid: it is not yet, or this machine's clock is wrong",
        ]);
    });

    it("warns in the last week of the certificate: whatever renews it has not", async () => {
        machine.stub("curl", answer(200, "ok", date(6.5 * DAY)));
        const { code, lines } = await check();
        expect(code).toBe(0);
        expect(lines).toContain("warn  the certificate is valid for 6 days");
    });

    it("fault 18: names the process that holds the STUN port", async () => {
        // Another process is derper now: this one is the intruder.
        isDerper(1);
        const lines = await bad();
        expect(lines[1]).toMatch(
            new RegExp(
                `^bad {3}derper must hold udp port \\d+ \\(STUN\\): .+ \\(pid ${String(process.pid)}\\) does$`,
            ),
        );
    });

    it("fault 21: passes on why derper's own check fails", async () => {
        machine.stub("curl", answer(500, "tailscaled is not reachable", date(90 * DAY)));
        expect(await bad()).toContain(
            "bad   derper's own check must pass: HTTP 500, tailscaled is not reachable",
        );
    });

    /** What tailscaled and its control plane would say. */
    const withTailnet = (state: string, control: string) => {
        const env = machine.read("etc/derp-relay/relay.env");
        machine.write(
            "etc/derp-relay/relay.env",
            `${env}\nRELAY_TAILNETS=home=https://headscale.example.com`,
        );
        machine.write("opt/derp-relay/tailnets.sh", readFileSync(TAILNETS, "utf8"));
        const names = '"CurrentTailnet": {\\n    "MagicDNSSuffix": "yak-bebop.ts.net",\\n  }';
        const status = `printf '{\\n  "BackendState": "%s",\\n  ${names},\\n}\\n' ${state}`;
        const script = `#!/bin/sh\n${state === "" ? "exit 1" : status}\n`;
        machine.write("opt/derp-relay/bin/tailscale", script, 0o755);
        const relay = answer(state === "Running" ? 200 : 500, "tailscaled", date(90 * DAY));
        machine.stub("curl", `case "$*" in *headscale*) ${control} ;; esac\n${relay}`);
    };

    it("is good when tailscaled says who the members of the tailnet are", async () => {
        withTailnet("Running", "exit 7");
        const { code, lines } = await check();
        expect(code).toBe(0);
        expect(lines).toContain("good  tailnet home (yak-bebop.ts.net) says who its members are");
    });

    it.each([
        [
            "NoState",
            'echo "curl: (7) refused" >&2; exit 7',
            /control plane .* must answer: curl: \(7\)/,
        ],
        ["NeedsLogin", "exit 7", /the control plane https:\/\/headscale\.example\.com must answer/],
        ["NeedsLogin", "exit 0", /it was removed, or its key expired\. Fix: a new authKey/],
        ["NeedsMachineAuth", "exit 7", /the tailnet's admin must approve this machine/],
        ["Stopped", "exit 0", /tailscaled must be connected: it is Stopped/],
    ])("fault 22: blames what is at fault, not derper: %s, %s", async (state, control, reason) => {
        withTailnet(state, control);
        const lines = await bad();
        expect(lines).toEqual([expect.stringMatching(reason)]);
    });

    it("fault 21: blames a tailscaled that is dead, and asks for that, not for derper", async () => {
        withTailnet("", "exit 0");
        expect(await bad()).toEqual([
            "bad   tailnet home: tailscaled must answer: it does not (journalctl -u derp-relay-tailscaled@home)",
        ]);
        for (let run = 0; run < 3; run += 1) await check("--ask");
        expect(asked()).toBe("derp-relay-tailscaled@home\n");
    });

    it.each([
        [`'{"Allow":false}' 'HTTP 200'`, []],
        [`'{"Allow":true}' 'HTTP 500'`, ["got HTTP 500"]],
        [`'<html>Sign in</html>' 'HTTP 200'`, ["got HTTP 200"]],
    ])("fault 05: asks what verifies clients as derper does: %s", async (reply, expected) => {
        const env = machine.read("etc/derp-relay/relay.env");
        const url = "https://admit.example.com/";
        machine.write("etc/derp-relay/relay.env", `${env}\nRELAY_VERIFY_URL=${url}`);
        const relay = answer(200, "ok", date(90 * DAY));
        machine.stub(
            "curl",
            `case "$*" in *admit*) printf '%s\\n' ${reply}; exit 0 ;; esac\n${relay}`,
        );
        expect(await bad()).toEqual(
            expected.map((got) => `bad   what verifies clients must answer {"Allow": …}: ${got}`),
        );
        expect(machine.calls.find((call) => call.includes(url))).toMatch(
            /-d \{"NodePublic":"nodekey:0{63}1","Source":"127\.0\.0\.1"\} /,
        );
    });

    it("fault 05: says that what verifies clients does not answer in time", async () => {
        const env = machine.read("etc/derp-relay/relay.env");
        machine.write("etc/derp-relay/relay.env", `${env}\nRELAY_VERIFY_URL=https://admit/`);
        const relay = answer(200, "ok", date(90 * DAY));
        const late = "curl: (28) Operation timed out after 5001 milliseconds";
        machine.stub("curl", `case "$*" in *admit*) echo '${late}' >&2; exit 28 ;; esac\n${relay}`);
        expect(await bad()).toEqual([
            `bad   what verifies clients must answer {"Allow": …}: got ${late}`,
        ]);
    });

    it("fault 14: is bad when the disk is full", async () => {
        machine.stub("df", "echo head; echo fs 1 1 2048 1 /");
        expect(await bad()).toEqual(["bad   100 MB of disk must be free: got 2"]);
    });

    it("asks for a restart of derper at the third failure in a row that a restart can mend", async () => {
        isDerper();
        await check("--ask");
        await check("--ask");
        await check();
        expect(asked()).toBe("");
        await check("--ask");
        expect(asked()).toBe("derper\n");
        // Once: it begins to count anew.
        await check("--ask");
        expect(asked()).toBe("");
        expect(machine.calls.filter((call) => call.startsWith("systemctl"))).toEqual([]);
    });

    it("fault 23: counts the clients that derper refused, for who asks only", async () => {
        const refused = (peer: string) =>
            `echo 'derp: 203.0.113.9:41641: client nodekey:${peer} rejected: peer not authorized'`;
        const other = "echo 'derp: 203.0.113.9:41642: accepted'";
        machine.stub("journalctl", [refused("aa"), other, refused("bb")].join("\n"));
        expect((await check()).lines).toContain("good  clients refused within a day: 2");
        const asked = () => machine.calls.filter((call) => call.startsWith("journalctl"));
        expect(asked()).toEqual(["journalctl -qu derper.service --since=-1d"]);
        expect((await check("--ask")).lines.join()).not.toContain("refused");
        const { output } = await machine.run(SCRIPT, [], { ...HOST_PORTS, INSTALLING: "1" });
        expect(output).not.toContain("refused");
        expect(asked()).toHaveLength(1);
    });

    it("is bad without the firewall, for who asks only: the timer's has no right to look", async () => {
        machine.stub("nft", "echo 'Error: No such file or directory' >&2; exit 1");
        expect(await bad()).toEqual(["bad   the firewall must be loaded: it is not"]);
        const { code, lines } = await check("--ask");
        expect(code).toBe(0);
        expect(lines.join()).not.toContain("firewall");
    });

    it("does not miss the firewall before the installer has loaded it", async () => {
        machine.stub("nft", "exit 1");
        const env = { ...HOST_PORTS, INSTALLING: "1" };
        const { code, output } = await machine.run(SCRIPT, [], env);
        expect(code).toBe(0);
        expect(output).not.toContain("firewall");
    });

    it("asks for no restart where a restart does not mend a restart does not mend", async () => {
        machine.stub("curl", answer(200, "ok", date(-2 * DAY)));
        for (let run = 0; run < 3; run += 1) await check("--ask");
        expect(asked()).toBe("");
    });
});
