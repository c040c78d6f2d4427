import { spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";

import { FakeMachine } from "../../support/machine";

const SCRIPT = join(__dirname, "../../../components/cloud-init/files/health.sh");

const ASKED = "run/derp-relay-health/asked";
const LOCK = "var/lib/derp-relay/install.lock";

describe("health.sh with the timer", () => {
    let machine: FakeMachine;

    beforeEach(() => {
        machine = new FakeMachine();
        machine.write("etc/derp-relay/relay.env", "RELAY_CERT_MODE=manual\n");
        machine.write("run/derp-relay-health/failures", "");
        machine.write(LOCK, "");
    });

    afterEach(() => {
        machine.remove();
    });

    /** A derper that does not run, seen as often as that. */
    const askAfter = async (failures: number): Promise<string> => {
        for (let run = 0; run < failures; run += 1) await machine.run(SCRIPT, ["--ask"]);
        return machine.read(ASKED);
    };

    it("asks for nothing during an installation, which waits for a derper that it has just started", async () => {
        const file = join(machine.root, LOCK);
        const installer = spawn("flock", [file, "sh", "-c", "echo; read x"]);
        await once(installer.stdout, "data");
        try {
            expect(await askAfter(3)).toBe("");
        } finally {
            installer.stdin.end();
            await once(installer, "close");
        }
        expect(await askAfter(3)).toBe("derper\n");
    });

    const repair = (wish: string) => {
        machine.write(ASKED, wish);
        return machine.run(SCRIPT, ["--repair"]);
    };
    const calls = () => machine.read("calls").split("\n").filter(Boolean);

    it.each(["derper", "derp-relay-tailscaled@home"])("restarts %s", async (unit) => {
        expect(await repair(`${unit}\n`)).toEqual({ code: 0, output: "" });
        expect(calls()).toEqual([`systemctl restart ${unit}.service`]);
    });

    it.each([
        ...["ssh\n", "derper.service\n", "derp-relay-firewall\n", "ssh\nderper\n", "\n"],
        ...["derper ssh\n", "derp-relay-tailscaled@home ssh\n"],
        ...["derp-relay-tailscaled@*\n", "$(systemctl stop ssh)\n"],
    ])("does nothing for %j", async (wish) => {
        await repair(wish);
        expect(calls()).toEqual([]);
    });
});
