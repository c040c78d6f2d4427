import { EngineStack, FAKE_MACHINES, NO_MACHINE } from "../support/engine-stack";

jest.setTimeout(30 * 60_000);

const REGION = {
    ...{ name: "guangzhou", regionId: "902", "verify.mode": "none" },
    ...{ "place.driver": "tencentcloud", "place.zone": "ap-guangzhou-3" },
};

describe("a region at Tencent Cloud", () => {
    let stack: EngineStack;

    afterEach(async () => {
        await stack.remove();
    });

    it("changes nothing after a refresh, which finds another address than the machine's first", async () => {
        stack = await EngineStack.create({ env: FAKE_MACHINES });
        await stack.configure(REGION);
        expect((await stack.up()).code).toBe(0);
        const refresh = await stack.pulumi(["refresh", "--yes", "--skip-preview"]);
        expect(refresh.code).toBe(0);
        const { code, stdout } = await stack.preview("--expect-no-changes");
        expect([code, code === 0 ? "" : stdout]).toEqual([0, ""]);
    });

    it("closes a port when what took its place serves, and not before", async () => {
        stack = await EngineStack.create({ env: FAKE_MACHINES });
        await stack.configure(REGION);
        expect((await stack.up()).code).toBe(0);
        const open = () =>
            stack.cloud.objects("SecurityGroupRuleSet").map(({ id, inputs }) => {
                const [machine] = stack.cloud.objects("Instance");
                expect(machine?.inputs.orderlySecurityGroups).toContain(id);
                const [{ port } = { port: "" }] = inputs.ingresses as { port: string }[];
                return port;
            });
        expect(open()).toEqual(["443", "443"]);
        await stack.set("[0].ports.derp", "8443");
        // These relays only know the standard ports.
        const up = () => stack.up("--exclude", "**RelayCheck::**");
        // The last step before clients reach the new machine.
        await stack.cloud.fail({ type: "EipAssociation", operation: "create", error: "Busy" });
        expect((await up()).code).not.toBe(0);
        expect(open()).toEqual(["8443", "443"]);
        await stack.cloud.heal();
        const { code, stdout } = await up();
        expect([code, code === 0 ? "" : stdout]).toEqual([0, ""]);
        expect(open()).toEqual(["8443", "8443"]);
    });

    it("takes the newest image of a name, and a type that is sold for the way to pay", async () => {
        stack = await EngineStack.create();
        await stack.configure({ ...REGION, "place.charge": "spot" });
        const { code, stdout } = await stack.up(...NO_MACHINE);
        expect([code, code === 0 ? "" : stdout]).toEqual([0, ""]);
        expect(stdout).not.toContain("place.instanceType");
        expect(stack.cloud.objects("Instance")).toMatchObject([
            { inputs: { imageId: "img-487zeit5", instanceChargeType: "SPOTPAID" } },
        ]);
    });

    it("is another machine when SSH comes or goes", async () => {
        stack = await EngineStack.create();
        await stack.configure(REGION);
        const machines = new Set<unknown>();
        for (const change of ["none", "comes", "goes"]) {
            if (change === "comes")
                await stack.configure({ "place.ssh.allowFrom[0]": "203.0.113.7/32" });
            if (change === "goes") {
                await stack.pulumi(["config", "rm", "--path", "derp:regions[0].place.ssh"]);
            }
            const { code, stdout } = await stack.up(...NO_MACHINE);
            expect([change, code, code === 0 ? "" : stdout]).toEqual([change, 0, ""]);
            const [machine, ...others] = stack.cloud.objects("Instance");
            expect(others).toEqual([]);
            machines.add(machine?.id);
            // Where nobody logs in later, it has an address of its own at first.
            expect(machine?.inputs.allocatePublicIp).toBe(change !== "comes");
        }
        expect(machines.size).toBe(3);
        expect(stack.cloud.objects("KeyPair")).toEqual([]);
    });
});
