import { execFileSync } from "node:child_process";
import { existsSync, mkdirSync, symlinkSync, utimesSync } from "node:fs";
import { join } from "node:path";

import { renderPayload } from "../../../components/cloud-init/payload";
import { FakeMachine, startMirror } from "../../support/machine";
import { payloadSettings } from "../../support/settings";

const STATE = "var/lib/derp-relay";
/** Ports of its own: those of the host may be taken. */
const ports = { derp: 40_443, stun: 40_478 };
const ENV = "etc/derp-relay/relay.env";
/** What a change is not healthy with, and what nobody can help. */
const HEALTH = `#!/bin/sh
echo "good  derper holds tcp port 40443 (DERP)"
grep -q 450000 "$DERP_RELAY_ROOT/${ENV}" && { echo "bad   derper must answer: it does not"; exit 1; }
[ ! -f "$DERP_RELAY_ROOT/away" ] || { echo "bad   what verifies clients must answer"; exit 1; }
exit 0
`;

/** What comes in between while install.sh changes a relay that serves. */
describe("install.sh, disturbed", () => {
    let machine: FakeMachine;
    let served: string;

    beforeEach(async () => {
        machine = new FakeMachine({ ports });
        machine.addDerper("v1.102.5");
        machine.stub("systemctl", "exit 0");
        place();
        await machine.install();
        served = machine.read(ENV);
    });

    afterEach(() => {
        machine.remove();
    });

    /** Places the payload of a relay, with a limit another one that will not be healthy. */
    const place = (bandwidthMbps?: number) => {
        const limit = bandwidthMbps === undefined ? {} : { bandwidthMbps };
        const payload = renderPayload(payloadSettings({ ports, ...limit }));
        machine.writePayload({ ...payload, "health.sh": HEALTH, digest: "0123456789ab\n" });
    };
    const rolledBack = () => ({ env: machine.read(ENV), status: machine.status });
    const ROLLED_BACK = {
        status:
            "failed: the relay is not healthy: derper must answer: it does not. " +
            "Rolled back: what served before serves again",
    };

    it("goes back also when the connection that showed its output is gone", async () => {
        place(5);
        machine.write("lost.sh", `sh '${machine.root}/payload/install.sh' | exec true\n`);
        await machine.run(join(machine.root, "lost.sh"));
        expect(rolledBack()).toEqual({ env: served, ...ROLLED_BACK });
    });

    it("goes back also when its log cannot be written", async () => {
        place(5);
        execFileSync("rm", [join(machine.root, STATE, "install.log")]);
        symlinkSync("/dev/full", join(machine.root, STATE, "install.log"));
        await machine.install();
        expect(rolledBack()).toEqual({ env: served, ...ROLLED_BACK });
    });

    it("goes back also when what verifies clients was away before", async () => {
        machine.write("away", "");
        place(5);
        await machine.install();
        expect(rolledBack()).toEqual({ env: served, ...ROLLED_BACK });
    });

    it("goes back with the units that belong to the scripts", async () => {
        const unit = "etc/systemd/system/derp-relay-repair.service";
        machine.write(unit, "[Unit]\nDescription=of the old version\n");
        place(5);
        await machine.install();
        expect(machine.read(unit)).toContain("of the old version");
    });

    it("puts back what served before a run that was killed, also when it fails early itself", async () => {
        const pack = ["-cf", join(machine.root, STATE, "previous.tar"), "-C", machine.root];
        execFileSync("tar", [...pack, "etc/derp-relay", "opt/derp-relay/health.sh"]);
        machine.write(ENV, "RELAY_RATE_BYTES='450000'\n");
        place();
        machine.write("etc/systemd/system/derper.service", "[Unit]\nDescription=Somebody's\n");
        await machine.install();
        expect(machine.status).toMatch(/^failed: .*derper\.service must be this relay's/);
        expect(machine.read(ENV)).toBe(served);
    });

    it("removes what builds and downloads of killed runs have left, and no other machine's", async () => {
        const cache = "var/cache/derp-relay";
        const old = [`${cache}/go-1.26.8-amd64.Ab12Cd`, `${cache}/downloads/v0.zip.Ab12Cd`];
        const kept = [`${cache}/go-1.26.8-amd64`, `${cache}/go-1.26.8-amd64.New123`];
        for (const path of [...old, ...kept, "opt/derp-relay/bin/new.Ab12Cd"]) {
            mkdirSync(join(machine.root, path), { recursive: true });
            if (!path.endsWith("New123")) utimesSync(join(machine.root, path), 1, 1);
        }
        await machine.install();
        const isThere = (path: string) => existsSync(join(machine.root, path));
        expect(kept.filter(isThere)).toEqual(kept);
        expect([...old, "opt/derp-relay/bin/new.Ab12Cd"].filter(isThere)).toEqual([]);
    });

    it("does not leave its lock to a build", async () => {
        const mirror = await startMirror(() => "{}");
        const settings = payloadSettings({
            ports,
            goProxies: [mirror.url],
            derperVersion: "v9.9.9",
        });
        machine.writePayload({ ...renderPayload(settings), digest: "0123456789ab\n" });
        machine.addGo("[ -e /proc/self/fd/9 ] && echo has the lock || echo has none; exit 1");
        await machine.install();
        mirror.server.close();
        expect(machine.status).toContain("has none");
    });
});
