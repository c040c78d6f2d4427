import { EngineStack, FAKE_MACHINES } from "../support/engine-stack";

jest.setTimeout(30 * 60_000);

const REGION = {
    ...{ name: "shanghai", regionId: "901", "verify.mode": "none" },
    ...{ "place.driver": "alicloud", "place.zone": "cn-shanghai-b" },
};
const INSTANCE =
    "urn:pulumi:engine::derp::derp:index:DerpRegion$alicloud:ecs/instance:Instance::shanghai";

/** Nobody listens at the addresses of these machines. */
describe("a machine that Pulumi cannot connect to", () => {
    let stack: EngineStack;

    beforeEach(async () => {
        const { DERP_RELAY_STAND_IN_ADDRESSES } = FAKE_MACHINES;
        stack = await EngineStack.create({
            env: { DERP_RELAY_STAND_IN_ADDRESSES, DERP_RELAY_STAND_IN_LONGEST_PAUSE: "10" },
        });
        await stack.configure(REGION);
    });

    afterEach(async () => {
        await stack.remove();
    });

    const up = async () => {
        const { code, stdout, stderr } = await stack.up();
        expect(code).not.toBe(0);
        const text = `${stdout}${stderr}`;
        expect(text).toContain("after 60 failed attempts");
        return text;
    };

    it("without ssh, is told where to look, and how to be made anew, and can be destroyed", async () => {
        expect(await up()).toContain(
            "the relay of region shanghai was not installed, because nobody could log in over SSH at " +
                "127.0.77.1:443 (a machine from before a change of ports.derp waits on the old port), or the connection " +
                "was lost: docs/places.md#the-first-connection says where to look. " +
                `To make the machine anew: pulumi up --stack engine --replace '${INSTANCE}'`,
        );
        const destroyed = await stack.destroy();
        expect([destroyed.code, destroyed.stderr]).toEqual([0, ""]);
        expect(stack.cloud.objects()).toEqual([]);
    });

    it("with ssh, is told who may connect", async () => {
        await stack.configure({ "place.ssh.allowFrom[0]": "203.0.113.7/32" });
        expect(await up()).toContain(
            "127.0.77.1:22, or the connection was lost. The port is open to place.ssh.allowFrom (203.0.113.7/32): " +
                "after a timeout, see whether this computer's address, as others see it, is in there. " +
                "After 'host key mismatch' or 'unable to authenticate', the machine is not as Pulumi made it, or another " +
                "one answers. To make the machine anew, with the same IPv4 address and certificate: " +
                `pulumi up --stack engine --replace '${INSTANCE}'`,
        );
    });
});
