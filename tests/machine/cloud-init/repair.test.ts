import { join } from "node:path";

import { FakeMachine } from "../../support/machine";

const SCRIPT = join(__dirname, "../../../components/cloud-init/files/repair.sh");

describe("repair.sh", () => {
    let machine: FakeMachine;

    beforeEach(() => {
        machine = new FakeMachine();
        machine.write("etc/derp-relay/relay.env", "RELAY_CERT_MODE=manual\n");
    });

    afterEach(() => {
        machine.remove();
    });

    const repair = (asked: string) => {
        machine.write("run/derp-relay-health/asked", asked);
        return machine.run(SCRIPT);
    };
    const calls = () => machine.read("calls").split("\n").filter(Boolean);

    it.each(["derper", "derp-relay-tailscaled@home"])("restarts %s", async (unit) => {
        const { code, output } = await repair(`${unit}\n`);
        expect(code).toBe(0);
        expect(output).toBe(`restarting ${unit}: 3 failures in a row\n`);
        expect(calls()).toEqual([`systemctl restart ${unit}.service`]);
    });

    it.each([
        ...["ssh\n", "derper.service\n", "derp-relay-firewall\n", "ssh\nderper\n", "\n"],
        ...["derper ssh\n", "derp-relay-tailscaled@home ssh\n", "derp-relay-tailscaled@*\n"],
        "$(systemctl stop ssh)\n",
    ])("does nothing for %j", async (asked) => {
        await repair(asked);
        expect(calls()).toEqual([]);
    });
});
