/**
 * @jest-environment <rootDir>/tests/engine/plugins/support/inline-program-environment.cjs
 */
/* eslint jsdoc/check-tag-names: ["error", { definedTags: ["jest-environment"] }] -- Jest's own */
import { AlidnsRecord } from "@pulumi/alicloud/dns/alidnsRecord";
import { EipAddress } from "@pulumi/alicloud/ecs/eipAddress";
import { getImages } from "@pulumi/alicloud/ecs/getImages";
import { getInstanceTypes } from "@pulumi/alicloud/ecs/getInstanceTypes";
import { getZones } from "@pulumi/alicloud/getZones";
import { Provider } from "@pulumi/alicloud/provider";
import { Network } from "@pulumi/alicloud/vpc/network";
import { Switch } from "@pulumi/alicloud/vpc/switch";
import type { CustomResourceOptions } from "@pulumi/pulumi";
import type { PulumiFn } from "@pulumi/pulumi/automation";

import { CloudStack, good } from "./support/cloud-stack";

function account(name: string): CustomResourceOptions {
    const args = { region: "cn-hangzhou", accessKey: `test-${name}`, secretKey: "secret" };
    return { provider: new Provider(name, args) };
}

const address: PulumiFn = () => {
    new EipAddress("address", { bandwidth: "10" }, account("a"));
    return Promise.resolve();
};

function record(domainName: string, ...names: readonly string[]): PulumiFn {
    return () => {
        const own = account("a");
        for (const name of names) {
            const args = { domainName, rr: "relay", type: "A", value: "203.0.113.9" };
            new AlidnsRecord(name, args, own);
        }
        return Promise.resolve();
    };
}

// A test runs the engine several times, and each run takes seconds.
jest.setTimeout(180_000);

describe("faults of the stand-in of Alibaba Cloud", () => {
    let stack: CloudStack;

    beforeEach(async () => {
        stack = await CloudStack.create();
    });

    afterEach(() => stack.remove());

    it("fails for want of a quota, and works when it is there", async () => {
        await stack.clouds.fail({
            ...{ type: "EipAddress", operation: "create", error: "QuotaExceeded.Eip", times: 1 },
            message: "The maximum number of EIPs is exceeded.",
        });
        const output = await stack.failure(address);

        expect(output).toContain("Code: QuotaExceeded.Eip");
        expect(output).toContain("The maximum number of EIPs is exceeded.");
        expect(stack.clouds.objects()).toEqual([]);

        await stack.goodUp(address);

        expect(stack.clouds.operations("EipAddress")).toMatchObject([
            { operation: "create", error: "QuotaExceeded.Eip" },
            { operation: "create", id: expect.stringMatching(/^eip-/) as string },
        ]);
    });

    it("tries again when the cloud is busy, but not for ever", async () => {
        const busy = { type: "EipAddress", operation: "create", error: "Throttling.User" } as const;
        await stack.clouds.fail({ ...busy, times: 2 });
        await stack.goodUp(address);

        expect(stack.clouds.operations("EipAddress")).toHaveLength(3);

        good(await stack.destroy());
        await stack.clouds.fail(busy);

        expect(await stack.failure(address)).toContain("Throttling.User");
    });

    it("remembers what was made before the time was up", async () => {
        const fault = {
            type: "EipAddress",
            operation: "create",
            error: "Timeout",
            times: 1,
        } as const;
        await stack.clouds.fail({ ...fault, afterEffect: true });
        await stack.failure(address);
        const [made] = stack.clouds.objects("EipAddress");

        expect(await stack.state()).toContain(made?.id);
        expect((await stack.goodUp(address)).operations).toEqual({ address: ["update"] });
        expect(stack.clouds.objects("EipAddress")).toHaveLength(1);
    });

    it("leaves behind what nobody was told of", async () => {
        const fault = {
            type: "EipAddress",
            operation: "create",
            error: "Timeout",
            times: 1,
        } as const;
        await stack.clouds.fail({ ...fault, afterEffect: "lost" });
        await stack.failure(address);
        await stack.goodUp(address);

        expect(stack.clouds.objects("EipAddress")).toHaveLength(2);
    });

    it("leaves a pending operation when the engine is killed meanwhile", async () => {
        const fault = {
            type: "EipAddress",
            operation: "create",
            error: "Crash",
            times: 1,
        } as const;
        await stack.clouds.fail({ ...fault, afterEffect: "crash" });
        await stack.failure(address);

        expect(await stack.state()).toMatch(/"pending_operations":\s*\[\s*\{/);
        expect(stack.clouds.objects("EipAddress")).toHaveLength(1);
    });

    it("makes again what somebody else removed, once it was refreshed", async () => {
        await stack.goodUp(address);
        await stack.clouds.remove(stack.clouds.objects()[0]?.id ?? "");

        expect((await stack.goodUp(address)).operations).toEqual({});
        expect(good(await stack.refresh()).output).toContain("delete");
        expect((await stack.goodUp(address)).operations).toEqual({ address: ["create"] });
    });

    it("hides an account's objects from another", async () => {
        const program: PulumiFn = () => {
            const [a, b] = [account("a"), account("b")];
            const vpc = new Network("network", { cidrBlock: "10.0.0.0/16" }, a);
            const args = { vpcId: vpc.id, cidrBlock: "10.0.1.0/24", zoneId: "cn-hangzhou-h" };
            new Switch("switch", args, b);
            return Promise.resolve();
        };

        expect(await stack.failure(program)).toContain("InvalidVpcId.NotFound");
        expect(stack.clouds.objects("Network")).toMatchObject([{ account: "test-a" }]);
    });

    it("knows domains and what records they have", async () => {
        expect(await stack.failure(record("example.net", "one"))).toContain(
            "InvalidDomainName.NoExist",
        );

        await stack.clouds.setDomains("example.net");

        expect(await stack.failure(record("example.net", "one", "two"))).toContain(
            "DomainRecordDuplicate",
        );
    });

    it("answers questions about images, types and zones", async () => {
        const { outputs } = await stack.goodUp(async () => {
            const { provider } = account("a");
            const options = { provider: provider as Provider };
            const filter = { owners: "system", mostRecent: true };
            const nameRegex = String.raw`^ubuntu_22_04_x64_20G_alibase_\d{8}\.vhd$`;
            const images = await getImages({ ...filter, nameRegex }, options);
            const types = await getInstanceTypes({ cpuCoreCount: 2, memorySize: 2 }, options);
            const availableInstanceType = "ecs.t6-c1m1.large";
            const zones = await getZones({ availableInstanceType }, options);
            return { images: images.ids, types: types.ids, zones: zones.ids };
        });

        expect(outputs).toEqual({
            images: ["ubuntu_22_04_x64_20G_alibase_20260522.vhd"],
            types: ["ecs.t6-c1m1.large", "ecs.e-c1m1.large"],
            zones: ["cn-hangzhou-h", "cn-hangzhou-k"],
        });
    });
});
