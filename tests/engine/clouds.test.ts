import { EngineStack } from "../support/engine-stack";
import { makeCertificate } from "../support/certificates";
import { ALICLOUD, CLOUDS, expectWhole, TENCENTCLOUD, up } from "./support/clouds";

jest.setTimeout(30 * 60_000);

describe("a region in a cloud", () => {
    let stack: EngineStack;

    const create = async (region: Readonly<Record<string, string>>) => {
        stack = await EngineStack.create();
        await stack.configure(region);
    };

    afterEach(async () => {
        await stack.remove();
    });

    it.each(CLOUDS)("says at preview that no image matches: $cloud", async ({ region }) => {
        await create({ ...region, "place.image": "^no_such_image_" });
        const { code, stdout, stderr } = await stack.preview();
        expect(code).not.toBe(0);
        expect(`${stdout}${stderr}`).toContain(
            `place.image of region ${region.name} must match the name of a public image of the cloud: nothing matches ^no_such_image_. ` +
                "Fix: a name from the console's public images, or leave the key out, then the default is taken. " +
                "It is for new machines: one that exists keeps its own",
        );
    });

    it.each(CLOUDS)(
        "names at preview the types that a zone does offer, and leaves it to the cloud: $cloud",
        async ({ region, unoffered: { zone, instanceType, smallest, error } }) => {
            await create({
                ...{ ...region, "place.zone": zone, "place.instanceType": instanceType },
            });
            const warning =
                `place.instanceType of region ${region.name} must be offered in zone ${zone} to make a machine there: ` +
                `${instanceType} is not; the smallest that it offers: ${smallest}`;
            const preview = await stack.preview();
            expect([preview.code, preview.stderr]).toEqual([0, ""]);
            expect(preview.stdout).toContain(warning);
            // No image for these is ever chosen.
            expect(preview.stdout).not.toMatch(/ecs\.g8y|SR1\./);
            const { code, text } = await up(stack);
            expect(code).not.toBe(0);
            expect(text).toContain(warning);
            expect(text).toContain(error);
            expect(stack.cloud.objects("Instance")).toEqual([]);
        },
    );

    it.each([
        [
            { ALICLOUD_ACCESS_KEY: "wrong" },
            ALICLOUD,
            /Alibaba Cloud must answer for region shanghai: it says ".*InvalidAccessKeyId\.NotFound.*"\. Fix: place\.zone, which is cn-shanghai-b, or the credentials: place\.credentials, or ALICLOUD_ACCESS_KEY and ALICLOUD_SECRET_KEY in the environment/,
        ],
        [
            { TENCENTCLOUD_SECRET_ID: "wrong" },
            TENCENTCLOUD,
            /Tencent Cloud must answer for region guangzhou: it says ".*SecretIdNotFound.*"\. Fix: .*or TENCENTCLOUD_SECRET_ID and TENCENTCLOUD_SECRET_KEY in/,
        ],
        [
            {},
            { ...ALICLOUD, "place.zone": "cn-shangai-b" },
            /it says "Invalid Alibaba Cloud region: cn-shangai\..*"\. Fix: place\.zone, which is cn-shangai-b/,
        ],
        [
            {},
            { ...TENCENTCLOUD, "place.zone": "ap-guangzou-3" },
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
        { ...CLOUDS[0], type: "EipAddress", zones: ["cn-shanghai-l", "cn-shanghai-g"] },
        { ...CLOUDS[1], type: "Eip", zones: ["ap-guangzhou-6", "ap-guangzhou-7"] },
    ])(
        "moves to another zone, or to a third: a new machine, the same address and certificate: $cloud",
        async ({ region, whole, type, zones: [second = "", third = ""] }) => {
            await create(region);
            await expectWhole(stack, whole);
            const [address] = stack.cloud.objects(type);
            const [machine] = stack.cloud.objects("Instance");
            await stack.set("[0].place.zone", second);
            await stack.cloud.fail({ type: "Instance", operation: "create", error: "SoldOut" });
            expect((await up(stack)).code).not.toBe(0);
            await stack.cloud.heal();
            expect(stack.cloud.objects("Instance")).toMatchObject([{ id: machine?.id }]);
            await stack.set("[0].place.zone", third);
            await expectWhole(stack, whole);
            expect(stack.cloud.objects(type)).toEqual([address]);
            expect(stack.cloud.objects("Instance")[0]?.id).not.toBe(machine?.id);
        },
    );

    it.each([
        [ALICLOUD, "cn-hangzhou-h", "cn-hangzhou"],
        [{ ...TENCENTCLOUD, name: "shanghai" }, "ap-shanghai-2", "ap-shanghai"],
        [
            {
                ...{ ...TENCENTCLOUD, "place.ipv6": "true" },
                "place.ssh.allowFrom[0]": "203.0.113.7/32",
            },
            "ap-shanghai-2",
            "ap-shanghai",
        ],
    ])(
        "moves to another region of %j and leaves nothing behind",
        async (region, zone, cloudRegion) => {
            await create(region);
            expect((await up(stack)).code).toBe(0);
            const count = stack.cloud.objects().length;
            await stack.set("[0].place.zone", zone);
            const { code, text } = await up(stack);
            expect([code, code === 0 ? "" : text]).toEqual([0, ""]);
            const regions = stack.cloud.objects().map((object) => object.region);
            expect(regions).toHaveLength(count);
            // A key pair of Tencent Cloud has none.
            const used = new Set(regions.filter((each) => each !== ""));
            expect(used).toEqual(new Set([cloudRegion]));
            expect((await stack.destroy()).code).toBe(0);
            expect(stack.cloud.objects()).toEqual([]);
        },
    );

    it.each(CLOUDS)(
        "is resized in place, and keeps its image when a newer one would match: $cloud",
        async ({ region, whole, machine, larger, newer }) => {
            await create(region);
            await expectWhole(stack, whole);
            const [before] = stack.cloud.objects("Instance");
            await stack.set("[0].place.instanceType", larger);
            await stack.set("[0].place.image", newer.image);
            await expectWhole(stack, whole);
            const { imageId } = before?.inputs ?? {};
            expect(imageId).not.toBe(newer.id);
            expect(stack.cloud.objects("Instance")).toMatchObject([
                {
                    id: before?.id,
                    inputs: { instanceType: larger, imageId },
                    facts: { installation: 1 },
                },
            ]);
            // The next machine gets it.
            expect((await up(stack, "--replace", machine)).code).toBe(0);
            expect(stack.cloud.objects("Instance")).toMatchObject([
                { inputs: { imageId: newer.id } },
            ]);
        },
    );

    it.each(CLOUDS)(
        "is paid by the month from now on, and by the hour again, as the same machine: $cloud",
        async ({ region, whole, charges }) => {
            await create(region);
            await expectWhole(stack, whole);
            const [before] = stack.cloud.objects("Instance");
            for (const [charge, instanceChargeType] of charges) {
                await stack.set("[0].place.charge", charge);
                await expectWhole(stack, whole);
                expect(stack.cloud.objects("Instance")).toMatchObject([
                    { id: before?.id, inputs: { instanceChargeType }, facts: { installation: 1 } },
                ]);
            }
        },
    );

    it("is one of several, in both clouds and in several accounts", async () => {
        await create(ALICLOUD);
        await stack.configure(TENCENTCLOUD, 1);
        await stack.configure({ ...ALICLOUD, name: "hangzhou", regionId: "903" }, 2);
        await stack.set("[2].place.credentials.accessKeyId", "test-other-account");
        await stack.set("[2].place.credentials.accessKeySecret", "a-secret-of-theirs", "--secret");
        const { code, text } = await up(stack);
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
        const { code, text } = await up(stack);
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
