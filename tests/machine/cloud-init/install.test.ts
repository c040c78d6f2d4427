import { spawn } from "node:child_process";
import { once } from "node:events";
import { readdirSync } from "node:fs";
import { join } from "node:path";

import { FakeMachine, startMirror } from "../../support/machine";
import { VERSIONS } from "../../../components/versions";

const LOW_MEMORY = "MemAvailable: 300000 kB\nSwapFree: 0 kB\n";
/** Nothing listens there: ports below 1024 of loopback's last address are nobody's. */
const DEAD = ["http://127.255.255.254:9", "http://127.255.255.254:10"];

describe("install.sh", () => {
    let machine: FakeMachine;

    afterEach(() => {
        machine.remove();
    });

    const namesIn = (folder: string) => readdirSync(join(machine.root, folder));
    /** Ports of its own: those of the host may be taken. */
    const ports = { derp: 40_443, stun: 40_478 };

    it("fault 12: asks the next mirror, and names each one with its reason when all are down", async () => {
        machine = new FakeMachine({ ports, goProxies: DEAD });
        const { code } = await machine.install();
        expect(code).toBe(1);
        expect(machine.status).toMatch(
            /^failed: no Go module proxy answers; http:\/\/127\.255\.255\.254:9: curl: .+; http:\/\/127\.255\.255\.254:10: curl: .+\. Fix: check the machine's network/,
        );
    });

    it("says that it waits for another installation, and goes on after it", async () => {
        machine = new FakeMachine({ ports, goProxies: DEAD });
        machine.write("var/lib/derp-relay/install.lock", "");
        machine.write("hold", "");
        const script = "echo held; while [ -e hold ]; do sleep 0.05; done";
        const other = spawn("flock", ["var/lib/derp-relay/install.lock", "sh", "-c", script], {
            cwd: machine.root,
        });
        const ended = once(other, "close");
        await once(other.stdout, "data");
        // It ends when the installer has found the lock taken.
        const then = `[ "$1" = -n ] && rm ${machine.root}/hold`;
        machine.stub("flock", `/usr/bin/flock "$@"; code=$?; ${then}; exit $code`);
        const { output } = await machine.install();
        await ended;
        expect(output).toContain("another installation is running: waiting until it ends");
        expect(machine.status).toContain("failed: no Go module proxy answers");
    });

    it("waits for the network at first boot, when the address may still be on its way", async () => {
        let asked = 0;
        // The first answer is none, as it is before there is a way out.
        const mirror = await startMirror(() => (++asked > 1 ? "{}" : undefined));
        machine = new FakeMachine({ ports, goProxies: [mirror.url] });
        machine.addGo("exit 1");
        const { output } = await machine.install({ NETWORK_WAIT: "60" });
        mirror.server.close();
        expect(output).toContain("does not answer (curl: (22)");
        expect(machine.calls).toContain("sleep 5");
        expect(output).toContain(`modules come from ${mirror.url}`);
    });

    it("fault 11: refuses a toolchain with another checksum, and keeps the old version", async () => {
        const mirror = await startMirror(() => "not a zip");
        machine = new FakeMachine({ ports, goProxies: [DEAD[0] ?? "", mirror.url] });
        machine.addDerper("v1.98.0");
        const { code } = await machine.install();
        mirror.server.close();
        expect(code).toBe(1);
        expect(machine.status).toMatch(
            /^failed: Go 1\.26\.8 could not be downloaded; http:\/\/127\.0\.0\.1:\d+: its file has another checksum than the pinned one; http:\/\/127\.255/,
        );
        expect(machine.read("opt/derp-relay/bin/derper-v1.98.0-go1.26.8")).toContain("exit 0");
        expect(namesIn("var/cache/derp-relay/downloads")).toEqual([]);
        expect(machine.calls).not.toContainEqual(expect.stringContaining("restart"));
    });

    it("fault 13: makes swap before it builds, and says when memory ran out all the same", async () => {
        const mirror = await startMirror(() => "{}");
        machine = new FakeMachine({ ports, goProxies: [mirror.url] });
        machine.stub("dd", 'for arg; do case $arg in of=*) : >"${arg#of=}" ;; esac; done');
        machine.addGo('[ "$1" = mod ] && exit 0; echo "signal: killed"; exit 137');
        machine.write("meminfo", LOW_MEMORY);
        const { output } = await machine.install({ MEMINFO: `${machine.root}/meminfo` });
        mirror.server.close();
        expect(output).toContain("memory is short (292 MB): making a swap file of 1 GB");
        expect(machine.calls).toContainEqual(expect.stringMatching(/^swapon .*swapfile$/));
        expect(machine.status).toBe(
            "failed: building derper ran out of memory: 292 MB of memory and swap were free. " +
                "Fix: a machine with 1 GB or more",
        );
        expect(namesIn("opt/derp-relay/bin")).toEqual([]);
    });

    it("fault 13: says so when a container is too small for swap, and goes on", async () => {
        const mirror = await startMirror(() => "{}");
        machine = new FakeMachine({ ports, goProxies: [mirror.url] });
        machine.stub("systemd-detect-virt", "exit 0");
        machine.addGo("exit 124");
        machine.write("meminfo", LOW_MEMORY);
        const { output } = await machine.install({ MEMINFO: `${machine.root}/meminfo` });
        mirror.server.close();
        expect(output).toContain("a container cannot add swap");
        expect(machine.status).toContain("took longer than 600 s: 292 MB of memory");
    });

    it("stops at the first module whose checksum is wrong", async () => {
        const mirror = await startMirror(() => "{}");
        machine = new FakeMachine({ ports, goProxies: [mirror.url] });
        machine.addGo('echo run >>$HOME/runs; echo "SECURITY ERROR: checksum mismatch"; exit 1');
        const { code } = await machine.install();
        mirror.server.close();
        expect(code).toBe(1);
        expect(machine.status).toContain("SECURITY ERROR: checksum mismatch");
        expect(machine.read("var/cache/derp-relay/runs")).toBe("run\n");
    });

    it("leaves a status when it is ended from outside", async () => {
        machine = new FakeMachine({ ports });
        machine.addDerper(VERSIONS.tailscale);
        machine.stub("useradd", "kill -TERM $PPID; sleep 1");
        machine.stub("id", '[ "$1" = -u ] && echo 0 && exit 0; exit 1');
        await machine.install();
        expect(machine.status).toMatch(/^failed: the installer ended early \(code 130\)/);
    });
});
