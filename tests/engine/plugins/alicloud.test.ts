/**
 * @jest-environment <rootDir>/tests/engine/plugins/support/inline-program-environment.cjs
 */
/* eslint jsdoc/check-tag-names: ["error", { definedTags: ["jest-environment"] }] -- Jest's own */
import { EcsKeyPair } from "@pulumi/alicloud/ecs/ecsKeyPair";
import { EipAddress } from "@pulumi/alicloud/ecs/eipAddress";
import { EipAssociation } from "@pulumi/alicloud/ecs/eipAssociation";
import { Instance, type InstanceArgs } from "@pulumi/alicloud/ecs/instance";
import { SecurityGroup } from "@pulumi/alicloud/ecs/securityGroup";
import {
    SecurityGroupRule,
    type SecurityGroupRuleArgs,
} from "@pulumi/alicloud/ecs/securityGroupRule";
import { Provider, type ProviderArgs } from "@pulumi/alicloud/provider";
import { Network } from "@pulumi/alicloud/vpc/network";
import { Switch, type SwitchArgs } from "@pulumi/alicloud/vpc/switch";
import { CustomResource } from "@pulumi/pulumi";
import type { PulumiFn } from "@pulumi/pulumi/automation";

import { CloudStack, good } from "./support/cloud-stack";

const IMAGE = "ubuntu_22_04_x64_20G_alibase_20260522.vhd";
const NEWER = "ubuntu_24_04_x64_20G_alibase_20260916.vhd";
const ZONE = "cn-shanghai-b";

type Features = ProviderArgs["features"];

/** A resource without an SDK. */
class Plain extends CustomResource {}

/** What the tests change in a stack that is good otherwise. */
interface Changes {
    readonly account?: string;
    readonly region?: string;
    readonly features?: NonNullable<Features>;
    readonly switch?: SwitchArgs;
    readonly instance?: InstanceArgs;
    readonly rule?: Partial<SecurityGroupRuleArgs>;
    readonly keepsAddress?: boolean;
}

function base64(text: string): string {
    return Buffer.from(text).toString("base64");
}

function provider({ account = "test-a", region = "cn-shanghai", features }: Changes): Provider {
    return new Provider("cloud", {
        ...{ region, accessKey: account, secretKey: "secret" },
        ...(features === undefined ? {} : { features }),
    });
}

/** A machine with all that belongs to it. */
function machine(changes: Changes = {}): PulumiFn {
    return () => {
        const options = { provider: provider(changes) };
        const network = new Network("network", { cidrBlock: "10.0.0.0/16" }, options);
        const vswitch = new Switch(
            "switch",
            { vpcId: network.id, cidrBlock: "10.0.1.0/24", zoneId: ZONE, ...changes.switch },
            options,
        );
        const group = new SecurityGroup("group", { vpcId: network.id }, options);
        new SecurityGroupRule(
            "rule",
            {
                ...{
                    type: "ingress",
                    ipProtocol: "tcp",
                    portRange: "443/443",
                    nicType: "intranet",
                },
                ...{ cidrIp: "0.0.0.0/0", securityGroupId: group.id, ...changes.rule },
            },
            options,
        );
        const key = new EcsKeyPair(
            "key",
            { keyPairName: "relay", publicKey: "ssh-ed25519 AAAAC3Nz relay" },
            options,
        );
        const instance = new Instance(
            "instance",
            {
                ...{ imageId: IMAGE, instanceType: "ecs.t6-c1m1.large", vswitchId: vswitch.id },
                ...{
                    securityGroups: [group.id],
                    keyName: key.keyPairName,
                    userData: base64("#cloud-config\n"),
                },
                ...changes.instance,
            },
            options,
        );
        const address = new EipAddress("address", { bandwidth: "10" }, options);
        new EipAssociation(
            "association",
            { allocationId: address.id, instanceId: instance.id },
            { ...options, deleteBeforeReplace: changes.keepsAddress !== true },
        );
        return Promise.resolve({ address: address.ipAddress, instance: instance.id });
    };
}

// A test runs the engine several times, and each run takes seconds.
jest.setTimeout(180_000);

describe("the stand-in of the plugin alicloud", () => {
    let stack: CloudStack;

    beforeEach(async () => {
        stack = await CloudStack.create();
    });

    afterEach(() => stack.remove());

    it("previews and makes a machine, without a warning", async () => {
        const preview = good(await stack.preview(machine()));

        expect(preview.operations).toMatchObject({ instance: ["create"], association: ["create"] });
        expect(stack.clouds.objects()).toEqual([]);

        const up = await stack.goodUp(machine());

        expect(up.output).not.toContain("warning");
        expect(up.outputs.address).toBe("203.0.113.1");
        expect(up.outputs.instance).toMatch(/^i-\w{20}$/);
        expect(stack.clouds.objects().map(({ id }) => id.replace(/-\w+/g, "-"))).toEqual(
            expect.arrayContaining(["vpc-", "vsw-", "eip-", "i-", "relay", "eip-:i-"]),
        );
    });

    it("keeps a machine as it is, and removes it", async () => {
        await stack.goodUp(machine());

        expect((await stack.goodUp(machine())).operations).toEqual({});
        expect(good(await stack.refresh()).output).not.toContain("updated");

        good(await stack.destroy());

        expect(stack.clouds.objects()).toEqual([]);
    });

    it("changes user data and type in place, and image, too, unless told otherwise", async () => {
        await stack.goodUp(machine());
        const [before] = stack.clouds.objects("ecs/instance:Instance");
        const changed = {
            imageId: NEWER,
            instanceType: "ecs.t6-c1m2.large",
            userData: base64("b"),
        };
        const up = await stack.goodUp(machine({ instance: changed }));

        expect(up.operations).toEqual({ instance: ["update"] });
        expect(up.differences.instance).toEqual({
            ...{ imageId: "update", instanceType: "update", userData: "update" },
        });

        const [after] = stack.clouds.objects("Instance");

        expect(after).toMatchObject({
            id: before?.id,
            inputs: changed,
            facts: { installation: 2 },
        });
        expect(stack.clouds.operations("Instance").at(-1)).toMatchObject({
            operation: "update",
            changed: ["imageId", "instanceType", "userData"],
        });

        const features = { ecsInstance: { replaceOnImageUpdate: true } };
        const replaced = good(await stack.preview(machine({ features })));

        expect(replaced.differences.instance).toMatchObject({ imageId: "update-replace" });
    });

    it("replaces an instance and its association, whose address stays", async () => {
        const before = await stack.goodUp(machine());
        const changes = { instance: { systemDiskCategory: "cloud_essd" } };
        const up = await stack.goodUp(machine(changes));

        expect(up.differences.instance).toEqual({ systemDiskCategory: "update-replace" });
        expect(up.outputs.address).toBe(before.outputs.address);
        expect(up.outputs.instance).not.toBe(before.outputs.instance);
        expect(stack.clouds.objects("EipAssociation")).toMatchObject([
            { inputs: { instanceId: up.outputs.instance } },
        ]);
    });

    it("refuses to bind an address twice, as happens without deleteBeforeReplace", async () => {
        await stack.goodUp(machine());
        const changes = { instance: { systemDiskCategory: "cloud_essd" }, keepsAddress: true };

        expect(await stack.failure(machine(changes))).toContain("IncorrectEipStatus");
    });

    it("replaces a rule that changes, and a switch in another zone", async () => {
        await stack.goodUp(machine());
        const rule = { rule: { portRange: "444/444" } };
        const other = { switch: { zoneId: "cn-shanghai-l", cidrBlock: "10.0.2.0/24" } };

        expect((await stack.goodUp(machine(rule))).operations.rule).toEqual([
            ...["create-replacement", "replace", "delete-replaced"],
        ]);
        expect(good(await stack.preview(machine({ ...rule, ...other }))).differences).toMatchObject(
            {
                switch: { zoneId: "update-replace", cidrBlock: "update-replace" },
                instance: { vswitchId: "update" },
            },
        );
    });

    it("refuses an unknown argument in a preview", async () => {
        // The SDK itself leaves out what it does not know.
        const program: PulumiFn = () => {
            const type = "alicloud:vpc/network:Network";
            new Plain(type, "network", { cidr: "10.0.0.0/8" }, { provider: provider({}) });
            return Promise.resolve();
        };
        const { isGood, output } = await stack.preview(program);

        expect(output).toContain("Invalid or unknown key. Examine values at 'network.cidr'.");
        expect(isGood).toBe(false);
    });

    it("refuses an access key of nobody", async () => {
        expect(await stack.failure(machine({ account: "LTAI5t" }))).toContain(
            "InvalidAccessKeyId.NotFound",
        );
    });
});
