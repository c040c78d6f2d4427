import { EngineStack } from "../support/engine-stack";
import { CLOUDS, expectWhole, up } from "./support/clouds";

jest.setTimeout(30 * 60_000);

describe.each(CLOUDS)("a region at $cloud", ({ region, whole, machine, addressType, errors }) => {
    let stack: EngineStack;

    beforeEach(async () => {
        stack = await EngineStack.create();
        await stack.configure(region);
    });

    afterEach(async () => {
        await stack.remove();
    });

    it.each([
        [addressType, errors.noAddress],
        ["Instance", errors.tooFast],
    ])("fault 09: goes on after %s failed with %s", async (type, error) => {
        await stack.cloud.fail({ type, operation: "create", error });
        const { code, text } = await up(stack);
        expect(code).not.toBe(0);
        expect(text).toContain(error);
        await stack.cloud.heal();
        await expectWhole(stack, whole);
    });

    it("fault 09: does not even notice that the cloud asked to slow down twice", async () => {
        const fault = { type: "Instance", operation: "create", error: errors.tooFast } as const;
        await stack.cloud.fail({ ...fault, times: 2 });
        await expectWhole(stack, whole);
        const { length } = stack.cloud.operations("Instance").filter(({ error }) => error);
        expect(length).toBe(2);
    });

    it("fault 09: keeps the one machine that was made before the cloud timed out", async () => {
        const fault = { type: "Instance", operation: "create", error: "OperationTimeout" } as const;
        await stack.cloud.fail({ ...fault, times: 1, afterEffect: true });
        expect((await up(stack)).code).not.toBe(0);
        const [made] = stack.cloud.objects("Instance");
        await expectWhole(stack, whole);
        expect(stack.cloud.objects("Instance")).toMatchObject([{ id: made?.id }]);
    });

    it("fault 08: converges after the engine was killed, and names what may be left in the cloud", async () => {
        const fault = { type: "Instance", operation: "create", error: "killed" } as const;
        await stack.cloud.fail({ ...fault, times: 1, afterEffect: "crash" });
        await expect(up(stack)).rejects.toThrow("was ended by SIGKILL");
        const [orphan] = stack.cloud.objects("Instance");
        // A killed engine leaves its lock as well.
        await stack.pulumi(["cancel", "--yes"]);
        const { code, text } = await up(stack);
        expect([code, code === 0 ? "" : text]).toEqual([0, ""]);
        expect(text).toContain(`${machine}, interrupted while creating`);
        // As the cloud's page in docs/ says: nobody but the cloud knows of the first one.
        expect(stack.cloud.objects("Instance")).toHaveLength(2);
        await stack.cloud.remove(orphan?.id ?? "");
        await expectWhole(stack, whole);
    });

    it("can be destroyed after the cloud refused once", async () => {
        await expectWhole(stack, whole);
        const fault = { type: "SecurityGroup", operation: "delete" } as const;
        await stack.cloud.fail({ ...fault, error: errors.inUse, times: 1 });
        const first = await stack.destroy();
        expect(first.code).not.toBe(0);
        expect(`${first.stdout}${first.stderr}`).toContain(errors.inUse);
        expect((await stack.destroy()).code).toBe(0);
        expect(stack.cloud.objects()).toEqual([]);
    });
});
