import { join } from "node:path";

import { FakeMachine } from "../../support/machine";

const SCRIPT = join(__dirname, "../../../components/cloud-init/files/health.sh");

describe("health.sh --repair", () => {
    let machine: FakeMachine;

    beforeEach(() => {
        machine = new FakeMachine();
        machine.write("etc/derp-relay/relay.env", "RELAY_CERT_MODE=manual\n");
    });

    afterEach(() => {
        machine.remove();
    });

    const repair = (wish: string) => {
        machine.write("run/derp-relay-health/asked", wish);
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
