/**
 * @jest-environment <rootDir>/tests/engine/plugins/support/inline-program-environment.cjs
 */
/* eslint jsdoc/check-tag-names: ["error", { definedTags: ["jest-environment"] }] -- Jest's own */
import {
    CustomResource,
    type CustomResourceOptions,
    type Inputs,
    type Output,
    ProviderResource,
    runtime,
} from "@pulumi/pulumi";
import type { PulumiFn } from "@pulumi/pulumi/automation";

import schema from "../../../sdks/tencentcloud.schema.json";
import { CloudStack, good } from "./support/cloud-stack";

/** What an SDK of a parameterized package tells the engine, as the generated one does. */
function registerPackage(base64Parameter: string): Promise<string | undefined> {
    const { name, version } = schema.parameterization.baseProvider;
    return runtime.registerPackage({
        ...{ baseProviderName: name, baseProviderVersion: version, baseProviderDownloadUrl: "" },
        ...{ packageName: schema.name, packageVersion: schema.version, base64Parameter },
    });
}

class Cloud extends ProviderResource {}

/** A resource without an SDK. */
class Resource extends CustomResource {
    declare public readonly publicIp: Output<string>;

    public constructor(
        kind: string,
        name: string,
        args: Inputs,
        options: CustomResourceOptions & { readonly package: Promise<string | undefined> },
    ) {
        const module = kind.charAt(0).toLowerCase() + kind.slice(1);
        const inputs = { publicIp: undefined, ...args };
        super(
            `tencentcloud:index/${module}:${kind}`,
            name,
            inputs,
            options,
            false,
            options.package,
        );
    }
}

interface Changes {
    readonly parameter?: string;
    readonly instance?: Inputs;
    readonly ingress?: Inputs;
    readonly keepsAddress?: boolean;
}

function machine(changes: Changes = {}): PulumiFn {
    return () => {
        const parameter = changes.parameter ?? schema.parameterization.parameter;
        const reference = registerPackage(parameter);
        const provider = new Cloud(
            "tencentcloud",
            "cloud",
            { region: "ap-shanghai", secretId: "test-a", secretKey: "secret" },
            {},
            false,
            reference,
        );
        const options = { provider, package: reference };
        const vpc = new Resource("Vpc", "vpc", { cidrBlock: "10.0.0.0/16" }, options);
        const zone = { availabilityZone: "ap-shanghai-5" };
        const place = { ...zone, vpcId: vpc.id, cidrBlock: "10.0.1.0/24" };
        const subnet = new Resource("Subnet", "subnet", place, options);
        const group = new Resource("SecurityGroup", "group", {}, options);
        const ingress = { action: "ACCEPT", protocol: "TCP", port: "443", cidrBlock: "0.0.0.0/0" };
        const rules = {
            ingresses: [{ ...ingress, ...changes.ingress }],
            egresses: [{ action: "ACCEPT", protocol: "ALL", port: "ALL", cidrBlock: "0.0.0.0/0" }],
        };
        new Resource(
            "SecurityGroupRuleSet",
            "rules",
            { securityGroupId: group.id, ...rules },
            options,
        );
        const instance = new Resource(
            "Instance",
            "instance",
            {
                ...{ ...zone, imageId: "img-487zeit5", instanceType: "S5.SMALL2", vpcId: vpc.id },
                ...{ subnetId: subnet.id, orderlySecurityGroups: [group.id], userDataRaw: "a" },
                ...changes.instance,
            },
            options,
        );
        const address = new Resource("Eip", "address", {}, options);
        new Resource(
            "EipAssociation",
            "association",
            { eipId: address.id, instanceId: instance.id },
            { ...options, deleteBeforeReplace: changes.keepsAddress !== true },
        );
        return Promise.resolve({ address: address.publicIp, instance: instance.id });
    };
}

// A test runs the engine several times, and each run takes seconds.
jest.setTimeout(180_000);

describe("the stand-in of the plugin terraform-provider with Tencent Cloud", () => {
    let stack: CloudStack;

    beforeEach(async () => {
        stack = await CloudStack.create();
    });

    afterEach(() => stack.remove());

    it("previews, makes, keeps and removes a machine, without a warning", async () => {
        good(await stack.preview(machine()));

        expect(stack.clouds.objects()).toEqual([]);

        const up = await stack.goodUp(machine());

        expect(up.output).not.toContain("warning");
        expect(up.outputs.address).toBe("198.51.100.1");
        expect(up.outputs.instance).toMatch(/^ins-\w{8}$/);
        expect(stack.clouds.objects("Vpc")).toMatchObject([
            { inputs: { name: expect.stringMatching(/^vpc-[\da-f]{7}$/) as string } },
        ]);
        expect((await stack.goodUp(machine())).operations).toEqual({});

        good(await stack.destroy());

        expect(stack.clouds.objects()).toEqual([]);
    });

    it("changes user data in place, or replaces when it is told to", async () => {
        await stack.goodUp(machine());
        const changed = await stack.goodUp(machine({ instance: { userDataRaw: "b" } }));

        expect(changed.operations).toEqual({ instance: ["update"] });

        const instance = { userDataRaw: "c", userDataReplaceOnChange: true };
        const replaced = await stack.goodUp(machine({ instance }));

        expect(replaced.differences.instance).toMatchObject({ userDataRaw: "update-replace" });
        expect(replaced.outputs.address).toBe(changed.outputs.address);
        expect(replaced.outputs.instance).not.toBe(changed.outputs.instance);
    });

    it("refuses to bind an address twice, as happens without deleteBeforeReplace", async () => {
        await stack.goodUp(machine());
        const instance = { userDataRaw: "b", userDataReplaceOnChange: true };
        const said = await stack.failure(machine({ instance, keepsAddress: true }));

        expect(said).toContain("InvalidAddressState");
        expect(said).toContain("bound to another instance already");
        expect(stack.clouds.objects("EipAssociation")).toHaveLength(1);

        // Both machines are there by then, and the address leaves one for the other.
        const { outputs } = await stack.goodUp(machine({ instance }));

        expect(stack.clouds.objects("Instance").map(({ id }) => id)).toEqual([outputs.instance]);
        expect(stack.clouds.objects("EipAssociation")).toMatchObject([
            { inputs: { instanceId: outputs.instance } },
        ]);
    });

    it("installs an instance again where it is, but replaces it in another zone", async () => {
        await stack.goodUp(machine());
        const imageId = "img-mmytdhbn";
        const up = await stack.goodUp(machine({ instance: { imageId } }));

        expect(up.differences.instance).toEqual({ imageId: "update" });
        expect(stack.clouds.objects("Instance")).toMatchObject([{ facts: { installation: 2 } }]);

        const moved = { imageId, availabilityZone: "ap-shanghai-2" };

        expect(
            good(await stack.preview(machine({ instance: moved }))).differences.instance,
        ).toEqual({
            availabilityZone: "update-replace",
        });
    });

    it("changes the rules of a group in place and tells which", async () => {
        await stack.goodUp(machine());
        const up = await stack.goodUp(machine({ ingress: { port: "444" } }));

        expect(up.differences.rules).toEqual({ "ingresses[0].port": "update" });
    });

    it("serves no package but the one that the schema is of", async () => {
        const remote = { url: "registry.opentofu.org/hashicorp/aws", version: "1.0.0" };
        const value = JSON.stringify({ remote, includes: [] });
        const parameter = Buffer.from(value).toString("base64");

        expect(await stack.failure(machine({ parameter }))).toContain("the stand-in serves only");
    });
});
