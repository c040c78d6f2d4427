import { readdirSync } from "node:fs";
import { join } from "node:path";

import { renderPayload } from "../../../components/cloud-init/payload";
import { FakeMachine } from "../../support/machine";
import { payloadSettings, tailnet } from "../../support/settings";

/** Ports of its own: those of the host may be taken. */
const ports = { derp: 40_444, stun: 40_479 };
const CONTROL = "https://headscale.example.com";
const UNIT = "derp-relay-tailscaled@home.service";
const PROGRAM = "opt/derp-relay/bin/tailscaled-v1.102.5-go1.26.8";
const STATE = "var/lib/derp-relay";

/**
 * What stands in for `tailscale`: it records its calls, tells a state, and changes it when it logs in.
 *
 * @param up What `up` does.
 * @param expiry What is told of the node key's end.
 * @returns A script.
 */
const tailscale = (up: string, expiry = "") =>
    [
        "#!/bin/sh",
        'echo "tailscale $*" >>"$DERP_RELAY_ROOT/calls"',
        'state=$DERP_RELAY_ROOT/backend; [ "$1" = -version ] && exit 0',
        'case "$*" in',
        // As the real one prints it.
        `*" status "*) printf '{\\n  "BackendState": "%s",\\n${expiry}}\\n' "$(cat "$state")" ;;`,
        `*" up "*) ${up} ;;`,
        '*" logout"*) echo NeedsLogin >"$state" ;;',
        "esac",
        "",
    ].join("\n");
const RUNS = 'echo Running >"$state"';

describe("install.sh where tailscaled verifies the clients", () => {
    let machine: FakeMachine;

    beforeEach(() => {
        const verify = {
            mode: "tailscale",
            tailnets: [tailnet("home", { loginServer: CONTROL })],
        } as const;
        machine = new FakeMachine({ ports, verify, nodeName: "derp-hgh" });
        machine.addDerper("v1.102.5");
        // As the real one does with the name of a template.
        machine.stub("systemctl", 'case "$*" in *@.service) exit 1 ;; esac');
        machine.stub("curl", "exit 0");
        machine.write("payload/health.sh", "exit 0\n", 0o755);
        machine.write("payload/digest", "0123456789ab\n");
        machine.write("backend", "NeedsLogin\n");
    });

    afterEach(() => {
        machine.remove();
    });

    const install = async (up: string, expiry?: string) => {
        machine.write(PROGRAM, tailscale(up, expiry), 0o755);
        await machine.install();
        return machine.status;
    };
    const calls = (text: string) => machine.calls.filter((call) => call.includes(text));
    const relayStarts = () => calls("restart derper.service");

    it("logs in once, with the key in a file", async () => {
        expect(await install(RUNS)).toBe("ok derper v1.102.5 payload 0123456789ab");
        const [login, ...more] = calls(" up ");
        expect(more).toEqual([]);
        expect(login).toContain(
            `up --auth-key=file:${machine.root}/payload/auth-key.home --login-server=${CONTROL} --hostname=derp-hgh`,
        );
        expect(login).toContain("--accept-dns=false --accept-routes=false --shields-up");
        expect(await install(RUNS)).toMatch(/^ok /);
        expect(calls(" up ")).toHaveLength(1);
        expect(calls(`restart ${UNIT}`)).toHaveLength(1);
    });

    it("fault 05: says why a key is refused, without the key, and does not touch the relay", async () => {
        const { authKey } = tailnet("home");
        expect(await install("echo 'backend error: authkey already used'; exit 1")).toBe(
            "failed: tailnet home: the control plane refuses the authKey: authkey already used. " +
                "Fix: a new authKey, docs/verify.md",
        );
        expect(await install(`echo 'backend error: ${authKey} is bad'; exit 1`)).toBe(
            "failed: tailnet home: this machine must be logged in: it was removed, or its key expired. " +
                "Fix: a new authKey, docs/verify.md",
        );
        expect(machine.read(`${STATE}/install.log`)).not.toContain(authKey);
        expect(relayStarts()).toEqual([]);
    });

    it("says that the control plane does not answer before it restarts what knows the members", async () => {
        machine.stub("curl", 'echo "curl: (7) refused" >&2; exit 7');
        expect(await install(RUNS)).toBe(
            `failed: tailnet home: the control plane ${CONTROL} must answer: curl: (7) refused`,
        );
        expect(calls(`restart ${UNIT}`)).toEqual([]);
    });

    it("waits for an admin who must approve the machine, and says so", async () => {
        expect(await install('echo NeedsMachineAuth >"$state"; exit 1')).toBe(
            "failed: tailnet home: the tailnet's admin must approve this machine",
        );
        machine.write("backend", "Running\n");
        expect(await install("exit 1")).toMatch(/^ok /);
        expect(calls(" up ")).toHaveLength(1);
    });

    it("refuses a key without a tag: its node key would expire, and then nobody gets in", async () => {
        const expiry = '  "KeyExpiry": "2027-05-01T00:00:00Z",\\n';
        expect(await install(RUNS, expiry)).toContain("node key would expire");
        expect(calls(" logout")).toHaveLength(1);
        expect(relayStarts()).toEqual([]);
    });

    const IN_OTHER = '  "CurrentTailnet": {\\n    "MagicDNSSuffix": "other.ts.net",\\n  },\\n';
    const withDomain = (domain: string) => {
        const tailnets = [tailnet("home", { loginServer: CONTROL, domain })];
        const verify = { mode: "tailscale", tailnets } as const;
        machine.writePayload(renderPayload(payloadSettings({ ports, verify })));
        machine.write("payload/health.sh", "exit 0\n", 0o755);
    };

    it("refuses a key of another tailnet, and leaves that again", async () => {
        withDomain("yak-bebop.ts.net");
        expect(await install(RUNS, IN_OTHER)).toBe(
            "failed: tailnet home must be yak-bebop.ts.net: the authKey is of other.ts.net. Fix: a new authKey, docs/verify.md",
        );
        expect(calls(" logout")).toHaveLength(1);
        expect(relayStarts()).toEqual([]);
        withDomain("other.ts.net");
        expect(await install(RUNS, IN_OTHER)).toMatch(/^ok /);
        // What it is in by now was right before.
        withDomain("yak-bebop.ts.net");
        expect(await install(RUNS, IN_OTHER)).toContain("must be yak-bebop.ts.net");
        expect(calls(" logout")).toHaveLength(1);
    });

    it("says which tailnet it has logged in to", async () => {
        await install(RUNS, IN_OTHER);
        expect(machine.read(`${STATE}/install.log`)).toContain("      logged in to other.ts.net\n");
    });

    it("takes a relay that is still to be: the members are known before it serves", async () => {
        const starting = '  "Self": { "InNetworkMap": true },\\n';
        expect(await install('echo Starting >"$state"; exit 1', starting)).toMatch(/^ok /);
    });

    it("does not move a tailnet to another control plane under its name", async () => {
        machine.write(`${STATE}/tailnet.home`, "https://controlplane.tailscale.com\n");
        expect(await install(RUNS)).toBe(
            `failed: tailnet home is at https://controlplane.tailscale.com: to go to ${CONTROL}, ` +
                "give it another name and a new authKey",
        );
    });

    it("goes back to the tailscaled that ran when a new one does not", async () => {
        await install(RUNS);
        const settings = payloadSettings({
            ...{ ports, derperVersion: "v1.102.4" },
            verify: { mode: "tailscale", tailnets: [tailnet("home", { loginServer: CONTROL })] },
        });
        machine.writePayload(renderPayload(settings));
        machine.addDerper("v1.102.4");
        machine.write(
            PROGRAM.replace("102.5", "102.4"),
            tailscale("exit 1").replace("cat", "true"),
            0o755,
        );
        await machine.install();
        expect(machine.status).toContain("tailscaled must answer");
        expect(machine.read("opt/derp-relay/bin/tailscaled")).toContain(RUNS);
        expect(calls(`restart ${UNIT}`)).toHaveLength(3);
    });

    it("goes back with each tailnet that has been restarted already", async () => {
        const tailnets = ["home", "office"].map((name) => tailnet(name, { loginServer: CONTROL }));
        const verify = { mode: "tailscale", tailnets } as const;
        for (const version of ["v1.102.5", "v1.102.4"]) {
            const payload = renderPayload(
                payloadSettings({ ports, verify, derperVersion: version }),
            );
            machine.writePayload({ ...payload, "health.sh": "exit 0\n", digest: "0123456789ab\n" });
            machine.write("opt/derp-relay/admission.go", payload["admission.go"] ?? "");
            machine.addDerper(version);
            machine.write(`opt/derp-relay/bin/admission-${version}-go1.26.8`, "", 0o755);
            const program = tailscale(RUNS);
            machine.write(
                PROGRAM.replace("v1.102.5", version),
                version === "v1.102.5"
                    ? program
                    : program.replace("\n", '\ncase "$*" in *office*) exit 1 ;; esac\n'),
                0o755,
            );
            await machine.install();
        }
        expect(machine.status).toContain("tailnet office: tailscaled must answer");
        expect(machine.read("opt/derp-relay/bin/tailscaled")).not.toContain("*office*");
        for (const { name } of tailnets) {
            expect(calls(`restart derp-relay-tailscaled@${name}.service`)).toHaveLength(3);
        }
    });

    it("removes the admission service's program when one tailnet is left", async () => {
        machine.write("opt/derp-relay/admission.go", "package main\n");
        machine.write("opt/derp-relay/bin/admission-v1.102.5-go1.26.8", "", 0o755);
        expect(await install(RUNS)).toMatch(/^ok /);
        expect(machine.read("opt/derp-relay/admission.go")).toBe("");
        const programs = readdirSync(join(machine.root, "opt/derp-relay/bin"));
        expect(programs.filter((name) => name.startsWith("admission"))).toEqual([]);
        expect(programs).toContain("tailscaled");
    });

    it("leaves the tailnet when it is no longer the relay's, and not before the relay serves", async () => {
        await install(RUNS);
        machine.write("var/lib/derp-relay-tailscaled/home/tailscaled.state", "{}");
        machine.writePayload(renderPayload(payloadSettings({ ports })));
        machine.write("payload/health.sh", "exit 0\n", 0o755);
        await machine.install();
        expect(machine.status).toMatch(/^ok /);
        const order = machine.calls.filter((call) => /logout|disable.*@|restart derper/.test(call));
        expect(order.slice(-3)).toEqual([
            "systemctl restart derper.service",
            expect.stringContaining(" logout"),
            `systemctl disable -q --now ${UNIT}`,
        ]);
        expect(machine.read("var/lib/derp-relay-tailscaled/home/tailscaled.state")).toBe("");
        expect(machine.read("opt/derp-relay/tailnets.sh")).toBe("");
        expect(machine.read("etc/systemd/system/derp-relay-tailscaled@.service")).toBe("");
        const programs = readdirSync(join(machine.root, "opt/derp-relay/bin"));
        expect(programs.filter((name) => !name.startsWith("derper"))).toEqual([]);
    });
});
