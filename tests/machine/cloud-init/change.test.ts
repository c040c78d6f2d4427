import { execFileSync } from "node:child_process";
import { existsSync, readdirSync, rmSync, statSync, symlinkSync } from "node:fs";
import { join } from "node:path";

import { type PayloadSettings, renderPayload } from "../../../components/cloud-init/payload";
import { FakeMachine } from "../../support/machine";
import { payloadSettings } from "../../support/settings";

const STATE = "var/lib/derp-relay";
/** Ports of its own: those of the host may be taken. */
const ports = { derp: 40_443, stun: 40_478 };

/** How install.sh changes a machine that has a relay. */
describe("install.sh on a machine with a relay", () => {
    let machine: FakeMachine;

    beforeEach(() => {
        machine = new FakeMachine({ ports });
        machine.addDerper("v1.102.5");
        machine.stub("systemctl", "exit 0");
    });

    afterEach(() => {
        machine.remove();
    });

    /** Runs the installer with other settings, on a relay that is healthy then or is not. */
    const change = async (
        bandwidthMbps: number | undefined,
        healthy: boolean,
        options: Partial<PayloadSettings> = {},
    ) => {
        const limit = bandwidthMbps === undefined ? {} : { bandwidthMbps };
        const settings = { ports, ...limit, ...options };
        const payload = renderPayload(payloadSettings(settings));
        const health = `#!/bin/sh\necho "bad   it is not"\nexit ${healthy ? "0" : "1"}\n`;
        machine.writePayload({ ...payload, "health.sh": health, digest: "0123456789ab\n" });
        return machine.install();
    };

    it.each(["", "{", undefined])(
        "fault 20: has derper's key put back before it starts, and says so: %j",
        async (broken) => {
            const folder = join(machine.root, "var/lib/derper");
            const key = `{\n\t"PrivateKey": "privkey:${"0a".repeat(32)}"\n}`;
            const start = async () => {
                const unit = machine.read("etc/systemd/system/derper.service");
                const [, command = ""] = /^ExecStartPre=\/bin\/sh -c '(.*)'$/m.exec(unit) ?? [];
                machine.write("start.sh", command.replace("/var/lib/derper", folder));
                return machine.run(join(machine.root, "start.sh"));
            };
            await change(undefined, true);
            // The first key is derper's to make.
            expect((await start()).code).toBe(0);
            machine.write("var/lib/derper/derper.key", key, 0o600);
            await change(5, true);
            expect(await start()).toEqual({ code: 0, output: "" });
            if (broken === undefined) rmSync(join(folder, "derper.key"));
            else machine.write("var/lib/derper/derper.key", broken);
            // What is broken does not take the place of what was saved.
            await change(6, true);
            expect(await start()).toEqual({
                code: 0,
                output: "error: derper.key had no key, put back the saved one\n",
            });
            expect(machine.read("var/lib/derper/derper.key")).toBe(key);
            expect(statSync(join(folder, "derper.key")).mode & 0o777).toBe(0o600);
        },
    );

    it("saves derper's key as derper, and not through a link: the folder is that of a program that strangers talk to", async () => {
        machine.write("var/lib/derper/derper.key", `"privkey:${"0a".repeat(32)}"\nrm -rf /\n`);
        machine.write("opt/target", "root's\n");
        symlinkSync(
            join(machine.root, "opt/target"),
            join(machine.root, "var/lib/derper/saved.key"),
        );
        await change(undefined, true);
        expect(machine.read("opt/target")).toBe("root's\n");
        expect(machine.read("var/lib/derper/saved.key")).toContain("privkey:");
        expect(machine.calls).toContainEqual(expect.stringMatching(/^runuser -u derper -- sh /));
    });

    it("restarts the relay for a change, and not for a second run", async () => {
        await change(undefined, true);
        expect(machine.status).toBe("ok derper v1.102.5 payload 0123456789ab");
        expect(machine.restarts).toBe(1);
        await change(undefined, true);
        expect(machine.restarts).toBe(1);
        await change(5, true);
        expect(machine.restarts).toBe(2);
        expect(machine.read("etc/derp-relay/rate.json")).toContain("450000");
    });

    it("fault 27: puts back what served, and restarts it", async () => {
        await change(undefined, true);
        const served = machine.read("etc/derp-relay/relay.env");
        // Healthy before the change, and never with it.
        const payload = renderPayload(payloadSettings({ ports, bandwidthMbps: 5 }));
        const health =
            '#!/bin/sh\ngrep -q "450000" "$DERP_RELAY_ROOT/etc/derp-relay/relay.env" || exit 0\necho "bad   too slow"\nexit 1\n';
        machine.write("opt/derp-relay/health.sh", health, 0o755);
        machine.writePayload({ ...payload, "health.sh": health, digest: "ba9876543210\n" });
        await machine.install();
        expect(machine.status).toBe(
            "failed: the relay is not healthy: too slow. Rolled back: what served before serves again",
        );
        expect(machine.read("etc/derp-relay/relay.env")).toBe(served);
        expect(machine.restarts).toBe(3);
    });

    it("restarts the relay when it goes back to what it ran before a failure", async () => {
        await change(undefined, true);
        await change(undefined, false);
        await change(5, false);
        expect(machine.status).toMatch(/^failed: /);
        const before = machine.restarts;
        await change(undefined, true);
        expect(machine.status).toMatch(/^ok /);
        expect(machine.restarts).toBe(before + 1);
    });

    it("changes nothing when what serves cannot be saved, and does not keep a part of it", async () => {
        await change(undefined, true);
        const served = machine.read("etc/derp-relay/relay.env");
        const full = "tar: previous.tar.new: Wrote only 4096 of 10240 bytes";
        machine.stub(
            "tar",
            `[ "$1" = -cf ] || exec /usr/bin/tar "$@"\necho half >"$2"; echo "${full}" >&2; exit 2`,
        );
        await change(5, true);
        expect(machine.status).toBe(
            `failed: what serves now could not be saved, so nothing was changed: ${full}`,
        );
        expect(machine.read("etc/derp-relay/relay.env")).toBe(served);
        expect(machine.restarts).toBe(1);
        expect(
            readdirSync(join(machine.root, STATE)).filter((name) => name.startsWith("previous")),
        ).toEqual([]);
    });

    it("leaves drop-ins of the machine's owner alone", async () => {
        const dropIn = "etc/systemd/system/derp-relay-health.service.d/override.conf";
        machine.write(dropIn, "[Service]\n");
        await change(undefined, true);
        expect(machine.status).toMatch(/^ok /);
        expect(machine.read(dropIn)).toBe("[Service]\n");
    });

    it("goes back to what served before an interrupted change, not to what that left", async () => {
        await change(undefined, true);
        const served = machine.read("etc/derp-relay/relay.env");
        const paths = ["etc/derp-relay", "opt/derp-relay/common.sh"];
        execFileSync("tar", [
            "-cf",
            join(machine.root, STATE, "previous.tar"),
            "-C",
            machine.root,
            ...paths,
        ]);
        machine.write("etc/derp-relay/relay.env", "RELAY_HOSTNAME=half\n");
        await change(5, false);
        expect(machine.read("etc/derp-relay/relay.env")).toBe(served);
    });

    it("keeps the metadata service from others than root where the machine is the relay's own", async () => {
        const rule = "ip daddr { 100.100.100.200, 169.254.0.23, 169.254.169.254 } meta skuid != 0";
        await change(undefined, true);
        expect(machine.read("etc/derp-relay/firewall.nft")).toContain(rule);
        rmSync(join(machine.root, "payload"), { recursive: true });
        await change(undefined, true, { guardMetadata: false });
        expect(machine.read("etc/derp-relay/firewall.nft")).toContain("@recent4");
        expect(machine.read("etc/derp-relay/firewall.nft")).not.toContain("skuid");
    });

    it.each([
        ["has another default queue made anew", "qdisc fq_codel 0: root refcnt 2", 2],
        ["and the queues below it", "qdisc mq 0: root\nqdisc pfifo_fast 0: parent :1", 2],
        ["leaves fq", "qdisc mq 0: root\nqdisc fq 0: parent :1 limit 10000p", 0],
        ["leaves a queue of somebody else", "qdisc cake 8001: root refcnt 2", 0],
    ])("%s", async (_, queues, commands) => {
        machine.write("routes", "Iface\tDestination\neth0\t0002000A\nens5\t00000000\t010A000A\n");
        machine.stub("sysctl", '[ "$1" != -n ] || echo fq');
        machine.stub("tc", `[ "$2" != show ] || echo "${queues}"`);
        machine.writePayload(renderPayload(payloadSettings({ ports })));
        await machine.install({ ROUTES: join(machine.root, "routes") });
        const all = ["tc qdisc replace dev ens5 root pfifo", "tc qdisc del dev ens5 root"];
        expect(machine.calls.filter((call) => /^tc qdisc (?!show)/.test(call))).toEqual(
            all.slice(0, commands),
        );
    });

    it("keeps the build that runs, however many came after it", async () => {
        for (const version of ["v1.102.1", "v1.102.2", "v1.102.3", "v1.102.4"]) {
            machine.addDerper(version);
        }
        await change(undefined, true);
        const builds = (version: string) =>
            existsSync(join(machine.root, `opt/derp-relay/bin/derper-${version}-go1.26.8`));
        expect(builds("v1.102.5")).toBe(true);
        expect(["v1.102.1", "v1.102.2", "v1.102.3", "v1.102.4"].filter(builds)).toHaveLength(2);
    });
});
