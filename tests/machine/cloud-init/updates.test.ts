import { mkdirSync, mkdtempSync, readdirSync, rmSync, symlinkSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { renderPayload } from "../../../components/cloud-init/payload";
import { FakeMachine } from "../../support/machine";
import { payloadSettings } from "../../support/settings";

/** Ports of its own: those of the host may be taken. */
const ports = { derp: 40_443, stun: 40_478 };
/** What decides how a machine gets its updates; the host's are hidden. */
const PROGRAMS = ["apt-get", "unattended-upgrades", "dnf", "dnf-automatic"];
const APT = "etc/apt/apt.conf.d";
const OURS = `${APT}/52derp-relay`;
/** What the package unattended-upgrades switches itself on with. */
const ITS_OWN = `${APT}/20auto-upgrades`;
const TIMERS = "systemctl enable -q --now apt-daily.timer apt-daily-upgrade.timer";
const AUTOMATIC = "etc/dnf/automatic.conf";
const DNF_TIMER = "dnf-automatic-install.timer";
const periodic = (value: 0 | 1) =>
    ["Update-Package-Lists", "Unattended-Upgrade"]
        .map((name) => `APT::Periodic::${name} "${String(value)}";\n`)
        .join("");
/** Of dnf-automatic 4.14. */
const SHIPPED = `[commands]
#  What kind of upgrade to perform:
# default                            = all available upgrades
# security                           = only the security upgrades
upgrade_type = default
random_sleep = 0
download_updates = yes
apply_updates = no
reboot = never
`;

describe("updates.sh and no-updates.sh", () => {
    let machine: FakeMachine;
    let bin: string;

    beforeAll(() => {
        bin = mkdtempSync(join(tmpdir(), "derp-relay-bin-"));
        for (const folder of ["/usr/sbin", "/usr/bin"]) {
            const names = readdirSync(folder).filter((name) => !PROGRAMS.includes(name));
            for (const name of names) {
                rmSync(join(bin, name), { force: true });
                symlinkSync(join(folder, name), join(bin, name));
            }
        }
    });

    afterAll(() => {
        rmSync(bin, { recursive: true });
    });

    beforeEach(() => {
        machine = new FakeMachine();
        rmSync(join(machine.root, "stubs/apt-get"));
        machine.addDerper("v1.102.5");
    });

    afterEach(() => {
        machine.remove();
    });

    const install = async (securityUpdates: boolean) => {
        const payload = renderPayload(payloadSettings({ ports, securityUpdates }));
        const health = "#!/bin/sh\n";
        machine.writePayload({ ...payload, "health.sh": health, digest: "0123456789ab\n" });
        rmSync(join(machine.root, "calls"), { force: true });
        const { code, output } = await machine.install({
            PATH: `${join(machine.root, "stubs")}:${bin}`,
        });
        expect([code, machine.status]).toEqual([0, "ok derper v1.102.5 payload 0123456789ab"]);
        return output.replaceAll(/^\d\d:\d\d:\d\d /gm, "");
    };
    const called = (...words: readonly string[]) =>
        machine.calls.filter((call) => words.some((word) => call.includes(word)));
    /** A package manager that installs a package with a program, and its configuration unless there is one. */
    const addManager = (name: string, program: string, file: string, text: string) => {
        const path = join(machine.root, file);
        mkdirSync(join(path, ".."), { recursive: true });
        machine.write("shipped", text);
        machine.stub(
            name,
            `cat "$DERP_RELAY_ROOT/var/lib/derp-relay/install.status" >"$DERP_RELAY_ROOT/status"
case " $* " in *" install "*)
    cp "$DERP_RELAY_ROOT/stubs/systemctl" "$DERP_RELAY_ROOT/stubs/${program}"
    [ -f "${path}" ] || cp "$DERP_RELAY_ROOT/shipped" "${path}"
    ;;
esac`,
        );
    };

    it("takes away what an earlier version ran daily", async () => {
        const units = ["derp-relay-updates.service", "derp-relay-updates.timer"];
        for (const unit of units) machine.write(`etc/systemd/system/${unit}`, "[Unit]\n");
        await install(true);
        expect(called("derp-relay-updates")).toEqual(
            units.map((unit) => `systemctl disable -q --now ${unit}`),
        );
        expect(units.map((unit) => machine.read(`etc/systemd/system/${unit}`))).toEqual(["", ""]);
    });

    describe("with apt", () => {
        const calls = () => called("apt-get", "apt-daily");

        beforeEach(() => {
            addManager("apt-get", "unattended-upgrades", ITS_OWN, periodic(1));
        });

        it("has the system install its own when the relay serves, and leaves apt alone then", async () => {
            expect(await install(true)).toMatch(/switching on security updates\n$/);
            expect(machine.read("status")).toMatch(/^ok /);
            expect(machine.read(OURS)).toBe(
                'APT::Periodic{Update-Package-Lists "1";Unattended-Upgrade "1";};\n',
            );
            expect(calls()).toEqual([
                "apt-get -q update",
                "apt-get -qy -o DPkg::Lock::Timeout=300 install unattended-upgrades",
                TIMERS,
            ]);
            await install(true);
            expect(calls()).toEqual([TIMERS]);
        });

        it("serves all the same without them, says why and what helps, and tries again", async () => {
            machine.stub("apt-get", "echo 'E: no network'; exit 100");
            const refusal =
                "security updates could not be switched on: E: no network. Fix: docs/security.md\n";
            expect((await install(true)).endsWith(`      ${refusal}`)).toBe(true);
            expect(machine.read("var/lib/derp-relay/install.log").endsWith(refusal)).toBe(true);
            expect(calls()).not.toContain(TIMERS);
            await install(true);
            expect(called("install unattended-upgrades")).toHaveLength(1);
        });

        it("says so when somebody masked the timers", async () => {
            const masked = "Failed to enable unit: Unit file apt-daily.timer is masked.";
            machine.stub(
                "systemctl",
                `case $* in *apt-daily.timer*) echo '${masked}' >&2; exit 1 ;; esac`,
            );
            expect(await install(true)).toMatch(
                new RegExp(`security updates could not be switched on: ${masked}`),
            );
        });

        it("takes back what it switched on, and what the package did", async () => {
            await install(true);
            expect(await install(false)).toMatch(/switching off security updates\n$/);
            expect([machine.read(OURS), machine.read(ITS_OWN)]).toEqual(["", periodic(0)]);
            expect(await install(false)).not.toContain("security updates");
            await install(true);
            expect(machine.read(OURS)).toContain('Unattended-Upgrade "1"');
            await install(false);
            expect([machine.read(OURS), machine.read(ITS_OWN)]).toEqual(["", periodic(0)]);
        });

        it("leaves on what was on before", async () => {
            machine.stub("unattended-upgrades", "");
            machine.write(ITS_OWN, periodic(1));
            await install(true);
            expect(calls()).toEqual([TIMERS]);
            await install(false);
            expect([machine.read(OURS), machine.read(ITS_OWN)]).toEqual(["", periodic(1)]);
        });

        it("is no reason to fail when there is nothing left to take back", async () => {
            await install(true);
            rmSync(join(machine.root, "etc/apt"), { recursive: true });
            expect(await install(false)).toMatch(/switching off security updates\n$/);
        });
    });

    describe("with dnf", () => {
        const calls = () => called("dnf").filter((call) => !call.includes(" is-enabled "));
        const enable = `systemctl enable -q --now ${DNF_TIMER}`;

        beforeEach(() => {
            addManager("dnf", "dnf-automatic", AUTOMATIC, SHIPPED);
            machine.stub(
                "systemctl",
                `on="$DERP_RELAY_ROOT/timer-is-on"
case "$*" in
    *is-enabled*) [ -f "$on" ] ;;
    enable*${DNF_TIMER}) : >"$on" ;;
    disable*${DNF_TIMER}) rm "$on" ;;
esac`,
            );
        });

        it("has the system install its security updates and no others, and takes that back", async () => {
            await install(true);
            expect(machine.read(AUTOMATIC)).toBe(
                SHIPPED.replace("upgrade_type = default", "upgrade_type = security"),
            );
            expect(calls()).toEqual(["dnf -qy install dnf-automatic", enable]);
            await install(true);
            expect(calls()).toEqual([enable]);
            await install(false);
            expect(calls()).toEqual([`systemctl disable -q --now ${DNF_TIMER}`]);
            await install(false);
            expect(calls()).toEqual([]);
            // The package has stayed.
            await install(true);
            await install(false);
            expect(calls()).toEqual([`systemctl disable -q --now ${DNF_TIMER}`]);
        });

        it("leaves on what was on before", async () => {
            machine.stub("dnf-automatic", "");
            machine.write("timer-is-on", "");
            await install(true);
            await install(false);
            expect(calls()).toEqual([]);
        });

        it("leaves a configuration alone that was there before", async () => {
            machine.stub("dnf-automatic", "");
            machine.write(AUTOMATIC, SHIPPED);
            await install(true);
            expect([machine.read(AUTOMATIC), calls()]).toEqual([SHIPPED, [enable]]);
        });

        it("says why it cannot", async () => {
            machine.stub("dnf", "echo 'Error: Unable to find a match: dnf-automatic' >&2; exit 1");
            expect(await install(true)).toMatch(
                /could not be switched on: Error: Unable to find a match: dnf-automatic\. Fix: /,
            );
            expect(calls()).toEqual(["dnf -qy install dnf-automatic"]);
        });
    });
});
