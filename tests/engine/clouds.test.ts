import { EngineStack, NO_MACHINE } from "../support/engine-stack";
import { makeCertificate } from "../support/certificates";

jest.setTimeout(30 * 60_000);

const ALICLOUD = {
    name: "shanghai",
    regionId: "901",
    "place.driver": "alicloud",
    "place.zone": "cn-shanghai-b",
    "verify.mode": "none",
};
const TENCENT = {
    name: "guangzhou",
    regionId: "902",
    "place.driver": "tencentcloud",
    "place.zone": "ap-guangzhou-3",
    "verify.mode": "none",
};
const INSTANCE_URN =
    "urn:pulumi:engine::derp::derp:index:DerpRegion$alicloud:ecs/instance:Instance::shanghai";
/** Objects of a region at Alibaba Cloud: network, switch, group with four rules, address, machine, binding. */
const WHOLE = 10;

describe("a region in a cloud", () => {
    let stack: EngineStack;

    const create = async (region: Readonly<Record<string, string>>) => {
        stack = await EngineStack.create();
        await stack.configure(region);
    };
    const up = async () => {
        const { code, stdout, stderr } = await stack.up(...NO_MACHINE);
        return { code, text: `${stdout}${stderr}` };
    };
    const expectWhole = async () => {
        const { code, text } = await up();
        expect([code, code === 0 ? "" : text]).toEqual([0, ""]);
        expect(stack.cloud.objects("Instance")).toHaveLength(1);
        expect(stack.cloud.objects()).toHaveLength(WHOLE);
    };

    afterEach(async () => {
        await stack.remove();
    });

    it("says at preview that no image matches", async () => {
        await create({ ...ALICLOUD, "place.image": "^no_such_image_" });
        const { code, stdout, stderr } = await stack.preview();
        expect(code).not.toBe(0);
        expect(`${stdout}${stderr}`).toContain(
            "place.image of region shanghai must match the name of a public image of the cloud: nothing matches ^no_such_image_",
        );
    });

    it("names at preview the types that a zone does offer", async () => {
        await create({ ...ALICLOUD, "place.zone": "cn-shanghai-e" });
        const { stdout } = await stack.preview();
        expect(stdout).toContain(
            "place.instanceType of region shanghai must be offered in zone cn-shanghai-e to make a machine there: " +
                "ecs.t6-c1m1.large is not; the smallest that it offers: ecs.t5-lc1m1.small, ",
        );
    });

    it.each([
        [
            { ALICLOUD_ACCESS_KEY: "wrong" },
            ALICLOUD,
            /Alibaba Cloud must answer for region shanghai: it says ".*InvalidAccessKeyId\.NotFound.*"\. Fix: place\.zone, which is cn-shanghai-b, or the credentials: place\.credentials, or ALICLOUD_ACCESS_KEY and ALICLOUD_SECRET_KEY in the environment/,
        ],
        [
            { TENCENTCLOUD_SECRET_ID: "wrong" },
            TENCENT,
            /Tencent Cloud must answer for region guangzhou: it says ".*SecretIdNotFound.*"\. Fix: .*or TENCENTCLOUD_SECRET_ID and TENCENTCLOUD_SECRET_KEY in/,
        ],
        [
            {},
            { ...ALICLOUD, "place.zone": "cn-shangai-b" },
            /it says "Invalid Alibaba Cloud region: cn-shangai\..*"\. Fix: place\.zone, which is cn-shangai-b/,
        ],
        [
            {},
            { ...TENCENT, "place.zone": "ap-guangzou-3" },
            /it says ".*UnsupportedRegion.*"\. Fix: place\.zone, which is ap-guangzou-3/,
        ],
    ])(
        "says whom it asked, in which zone and with which credentials: %j",
        async (env, region, expected) => {
            stack = await EngineStack.create({ env });
            await stack.configure(region);
            const { code, stdout, stderr } = await stack.preview();
            const text = `${stdout}${stderr}`;
            expect(code).not.toBe(0);
            expect(text).toMatch(expected);
            // One sentence, and not where in the program that was.
            expect(text).not.toMatch(/unhandled exception|^ +at /m);
        },
    );

    it.each([
        ["EipAddress", "QuotaExceeded.Eip"],
        ["Instance", "Throttling.User"],
    ])("fault 09: goes on after %s failed with %s", async (type, error) => {
        await create(ALICLOUD);
        await stack.cloud.fail({ type, operation: "create", error });
        const { code, text } = await up();
        expect(code).not.toBe(0);
        expect(text).toContain(error);
        await stack.cloud.heal();
        await expectWhole();
    });

    it("fault 09: does not even notice that the cloud asked to slow down twice", async () => {
        await create(ALICLOUD);
        const fault = { type: "Instance", operation: "create", error: "Throttling.User" } as const;
        await stack.cloud.fail({ ...fault, times: 2 });
        await expectWhole();
        const { length } = stack.cloud.operations("Instance").filter(({ error }) => error);
        expect(length).toBe(2);
    });

    it("fault 09: keeps the one machine that was made before the cloud timed out", async () => {
        await create(ALICLOUD);
        const fault = { type: "Instance", operation: "create", error: "OperationTimeout" } as const;
        await stack.cloud.fail({ ...fault, times: 1, afterEffect: true });
        expect((await up()).code).not.toBe(0);
        await expectWhole();
    });

    it("fault 08: converges after the engine was killed, and names what may be left in the cloud", async () => {
        await create(ALICLOUD);
        const fault = { type: "Instance", operation: "create", error: "killed" } as const;
        await stack.cloud.fail({ ...fault, times: 1, afterEffect: "crash" });
        await expect(up()).rejects.toThrow("was ended by SIGKILL");
        const [orphan] = stack.cloud.objects("Instance");
        // A killed engine leaves its lock as well.
        await stack.pulumi(["cancel", "--yes"]);
        const { code, text } = await up();
        expect(code).toBe(0);
        expect(text).toContain(`${INSTANCE_URN}, interrupted while creating`);
        // As docs/alicloud.md says: nobody but the cloud knows of the first one.
        expect(stack.cloud.objects("Instance")).toHaveLength(2);
        await stack.cloud.remove(orphan?.id ?? "");
        await expectWhole();
    });

    it("can be destroyed after the cloud refused once", async () => {
        await create(ALICLOUD);
        await expectWhole();
        const fault = { type: "SecurityGroup", operation: "delete" } as const;
        await stack.cloud.fail({ ...fault, error: "DependencyViolation", times: 1 });
        const first = await stack.destroy();
        expect(first.code).not.toBe(0);
        expect(`${first.stdout}${first.stderr}`).toContain("DependencyViolation");
        expect((await stack.destroy()).code).toBe(0);
        expect(stack.cloud.objects()).toEqual([]);
    });

    it("moves to another zone: a new machine, the same address and certificate", async () => {
        await create(ALICLOUD);
        await expectWhole();
        const [address] = stack.cloud.objects("EipAddress");
        const [machine] = stack.cloud.objects("Instance");
        await stack.set("[0].place.zone", "cn-shanghai-l");
        await expectWhole();
        expect(stack.cloud.objects("EipAddress")).toEqual([address]);
        expect(stack.cloud.objects("Instance")[0]?.id).not.toBe(machine?.id);
    });

    it.each([
        [ALICLOUD, "cn-hangzhou-h", "cn-hangzhou"],
        [{ ...TENCENT, name: "shanghai" }, "ap-shanghai-2", "ap-shanghai"],
    ])(
        "moves to another region of %j and leaves nothing behind",
        async (region, zone, cloudRegion) => {
            await create(region);
            expect((await up()).code).toBe(0);
            const count = stack.cloud.objects().length;
            await stack.set("[0].place.zone", zone);
            const { code, text } = await up();
            expect([code, code === 0 ? "" : text]).toEqual([0, ""]);
            const regions = stack.cloud.objects().map((object) => object.region);
            expect(regions).toHaveLength(count);
            expect(new Set(regions)).toEqual(new Set([cloudRegion]));
            expect((await stack.destroy()).code).toBe(0);
            expect(stack.cloud.objects()).toEqual([]);
        },
    );

    it("is resized in place, and keeps its image when a newer one would match", async () => {
        await create(ALICLOUD);
        await expectWhole();
        const [before] = stack.cloud.objects("Instance");
        await stack.set("[0].place.instanceType", "ecs.t6-c1m2.large");
        await stack.set("[0].place.image", "^ubuntu_24_04_x64_20G_alibase_");
        await expectWhole();
        const [after] = stack.cloud.objects("Instance");
        expect(after?.id).toBe(before?.id);
        expect(after?.inputs).toMatchObject({
            instanceType: "ecs.t6-c1m2.large",
            imageId: before?.inputs.imageId,
        });
        // The next machine gets it.
        expect((await stack.up(...NO_MACHINE, "--replace", INSTANCE_URN)).code).toBe(0);
        expect(stack.cloud.objects("Instance")[0]?.inputs.imageId).toMatch(/^ubuntu_24_04_/);
    });

    it("is one of several, in both clouds and in several accounts", async () => {
        await create(ALICLOUD);
        await stack.configure(TENCENT, 1);
        await stack.configure({ ...ALICLOUD, name: "hangzhou", regionId: "903" }, 2);
        await stack.set("[2].place.credentials.accessKeyId", "test-other-account");
        await stack.set("[2].place.credentials.accessKeySecret", "a-secret-of-theirs", "--secret");
        const { code, text } = await up();
        expect([code, code === 0 ? "" : text]).toEqual([0, ""]);
        expect(text).not.toContain("a-secret-of-theirs");
        const accounts = stack.cloud
            .objects("Instance")
            .map(({ account, region }) => [account, region]);
        expect(accounts).toEqual(
            expect.arrayContaining([
                ["test-alibaba", "cn-shanghai"],
                ["test-tencent", "ap-guangzhou"],
                ["test-other-account", "cn-shanghai"],
            ]),
        );
    });

    it("fault 06: refuses a payload over the limit, with the byte count, and makes nothing", async () => {
        await create(ALICLOUD);
        const chain = Array.from({ length: 90 }, (_, index) =>
            makeCertificate({ name: `IP:203.0.113.${String(index)}` }),
        );
        const [own] = chain;
        if (own === undefined) throw new Error("no certificate");
        const padding = chain
            .slice(1)
            .map(({ certificate }) => certificate.replaceAll("CERTIFICATE", "X"));
        await stack.setCertificate(0, {
            ...own,
            certificate: [own.certificate, ...padding].join(""),
        });
        const { code, text } = await up();
        expect(code).not.toBe(0);
        expect(text).toMatch(
            /packed payload of region shanghai must be at most 20000 bytes: got \d{5}\./,
        );
        expect(stack.cloud.objects()).toEqual([]);
        // Over SSH there is no limit.
        await stack.set("[0].place.ssh.allowFrom[0]", "203.0.113.7/32");
        expect((await stack.preview()).code).toBe(0);
    });
});
