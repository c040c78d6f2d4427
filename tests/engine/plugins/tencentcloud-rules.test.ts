import type { Properties } from "../../plugins/cloud/types";
import { createProvider } from "../../plugins/terraform-provider/provider";
import { ProviderDriver } from "./support/provider-driver";

function token(kind: string): string {
    return `tencentcloud:index/${kind.charAt(0).toLowerCase()}${kind.slice(1)}:${kind}`;
}

const CONFIGURATION = { region: "ap-shanghai", secretId: "test-a", secretKey: "secret" };
const KEY = "ssh-rsa AAAAB3Nz relay";

describe("the rules of the stand-in of Tencent Cloud", () => {
    let cloud: ProviderDriver;

    beforeEach(() => {
        cloud = new ProviderDriver(createProvider, CONFIGURATION);
    });

    afterEach(() => cloud.dispose());

    async function parts(): Promise<Properties> {
        const vpcId = await cloud.create(token("Vpc"), { cidrBlock: "10.0.0.0/16" });
        const zone = { availabilityZone: "ap-shanghai-5" };
        const place = { ...zone, vpcId, cidrBlock: "10.0.1.0/24" };
        return {
            ...{ ...zone, vpcId, subnetId: await cloud.create(token("Subnet"), place) },
            ...{ imageId: "img-487zeit5", instanceType: "SA2.SMALL2" },
            orderlySecurityGroups: [await cloud.create(token("SecurityGroup"), {})],
            keyIds: [await cloud.create(token("KeyPair"), { keyName: "relay", publicKey: KEY })],
        };
    }

    it.each<[string, string, Properties, string]>([
        [
            ...(["an unknown argument", "Vpc", { cidrBlock: "10.0.0.0/8", mtu: 1 }] as const),
            "Invalid or unknown key. Examine values at 'it.mtu'.",
        ],
        [
            ...(["a missing argument", "Vpc", {}] as const),
            `Missing required argument. The argument "cidr_block" is required, but no definition was found. Examine values at 'it.cidrBlock'.`,
        ],
        [
            ...(["a wrong type", "Eip", { internetMaxBandwidthOut: "10" }] as const),
            "expected number type, got string type. Examine values at 'it.internetMaxBandwidthOut'.",
        ],
        [
            ...(["a key with a dash", "KeyPair", { keyName: "my-relay" }] as const),
            `key_name only support letters, numbers and "_": my-relay. Examine values at 'it.keyName'.`,
        ],
        [
            ...([
                "a rule without an action",
                "SecurityGroupRuleSet",
                { securityGroupId: "sg", ingresses: [{}] },
            ] as const),
            `Missing required argument. The argument "action" is required, but no definition was found. Examine values at 'it.ingresses[0].action'.`,
        ],
        [
            ...([
                "user data twice",
                "Instance",
                { imageId: "a", availabilityZone: "b", userData: "YQ==", userDataRaw: "a" },
            ] as const),
            `Conflicting configuration arguments. "user_data": conflicts with user_data_raw. Examine values at 'it.userData'.`,
        ],
        [
            ...([
                "plain user data",
                "Instance",
                { imageId: "a", availabilityZone: "b", userData: "#!" },
            ] as const),
            "user_data must be base64. Examine values at 'it.userData'.",
        ],
    ])("refuses in a preview: %s", (_title, kind, inputs, failure) => {
        expect(cloud.failures(token(kind), inputs)).toEqual([failure]);
    });

    it.each<[string, Properties, string]>([
        ["no source", { protocol: "TCP", port: "443" }, "InvalidParameter.Coexist"],
        [
            "two sources",
            { protocol: "TCP", port: "443", cidrBlock: "0.0.0.0/0", ipv6CidrBlock: "::/0" },
            "InvalidParameter.Coexist",
        ],
        [
            "a port of all",
            { protocol: "ALL", port: "443", cidrBlock: "0.0.0.0/0" },
            "takes no port",
        ],
        [
            "all ports of one",
            { protocol: "TCP", port: "ALL", cidrBlock: "0.0.0.0/0" },
            "only for the protocol ALL",
        ],
    ])("refuses rules with %s", async (_title, rule, message) => {
        const securityGroupId = await cloud.create(token("SecurityGroup"), {});
        const egresses = [{ action: "ACCEPT", ...rule }];

        await expect(
            cloud.create(token("SecurityGroupRuleSet"), { securityGroupId, egresses }),
        ).rejects.toThrow(message);
    });

    it.each<[string, Properties, string]>([
        ["an image that is not there", { imageId: "img-1" }, "InvalidImageId.NotFound"],
        ["a key that is not there", { keyIds: ["skey-1"] }, "InvalidKeyPairId.NotFound"],
        [
            "a group that is not there",
            { orderlySecurityGroups: ["sg-1"] },
            "InvalidSecurityGroupId.NotFound",
        ],
        [
            "a zone without its subnet",
            { availabilityZone: "ap-shanghai-2" },
            "InvalidZone.MismatchSubnet",
        ],
        [
            "the spot price, but no kind of it",
            { instanceChargeType: "SPOTPAID", spotMaxPrice: "1000" },
            "spotInstanceType are mandatory",
        ],
        [
            "the spot price, but no limit",
            { instanceChargeType: "SPOTPAID", spotInstanceType: "ONE-TIME" },
            "spotMaxPrice are mandatory",
        ],
        ["large user data", { userDataRaw: "x".repeat(12_289) }, "InvalidUserDataFormat"],
    ])("refuses to make an instance with %s", async (_title, changes, code) => {
        const inputs = { ...(await parts()), ...changes };

        await expect(cloud.create(token("Instance"), inputs)).rejects.toThrow(code);
    });

    it("takes the largest user data that there may be", async () => {
        const inputs = { ...(await parts()), userDataRaw: "x".repeat(12_288) };

        await expect(cloud.create(token("Instance"), inputs)).resolves.toMatch(/^ins-/);
    });

    it("refuses a key pair whose name or key is there, in any region", async () => {
        await parts();
        const other = { keyName: "other", publicKey: KEY };

        await expect(cloud.create(token("KeyPair"), { keyName: "relay" })).rejects.toThrow(
            "InvalidKeyPairName.Duplicate",
        );
        await expect(cloud.create(token("KeyPair"), other)).rejects.toThrow(
            "InvalidPublicKey.Duplicate",
        );
    });

    it("releases an instance's own address when it gets an elastic one", async () => {
        const own = { allocatePublicIp: true, internetMaxBandwidthOut: 100 };
        const instanceId = await cloud.create(token("Instance"), { ...(await parts()), ...own });
        const instance = () => cloud.read(token("Instance"), instanceId);
        expect(await instance()).toMatchObject({ publicIp: "198.51.100.1", ...own });
        const eipId = await cloud.create(token("Eip"), {});
        const associationId = await cloud.create(token("EipAssociation"), { eipId, instanceId });
        const elastic = { publicIp: "198.51.100.2", internetMaxBandwidthOut: 0 };
        expect(await instance()).toMatchObject(elastic);
        await cloud.delete(token("EipAssociation"), associationId);
        expect(await instance()).toMatchObject({ publicIp: "" });
    });

    it("refuses to delete what is in use", async () => {
        const inputs = await parts();
        const instanceId = await cloud.create(token("Instance"), inputs);
        const eipId = await cloud.create(token("Eip"), {});
        await cloud.create(token("EipAssociation"), { eipId, instanceId });
        const [group] = inputs.orderlySecurityGroups as string[];

        await expect(cloud.delete(token("Eip"), eipId)).rejects.toThrow("InvalidAddressState");
        await expect(cloud.delete(token("SecurityGroup"), group ?? "")).rejects.toThrow(
            "ResourceInUse",
        );
        await expect(cloud.delete(token("Vpc"), String(inputs.vpcId))).rejects.toThrow(
            "ResourceInUse",
        );
    });

    it("refuses a record of a domain of others, and a record that is there", async () => {
        const record = {
            domain: "example.com",
            recordType: "A",
            recordLine: "默认",
            value: "192.0.2.1",
        };
        await cloud.create(token("DnspodRecord"), record);

        await expect(cloud.create(token("DnspodRecord"), record)).rejects.toThrow(
            "DomainRecordExist",
        );
        await expect(
            cloud.create(token("DnspodRecord"), { ...record, domain: "example.net" }),
        ).rejects.toThrow("DomainNotExists");
    });

    it.each<[string, Properties, string]>([
        ["no credentials", { secretId: "" }, "Please set your `secret_id` and `secret_key`."],
        ["a key of nobody", { secretId: "AKID1" }, "AuthFailure.SecretIdNotFound"],
        ["a region that does not exist", { region: "ap-nowhere" }, "UnsupportedRegion"],
    ])("refuses to work with %s", (_title, changes, message) => {
        const start = (): ProviderDriver =>
            new ProviderDriver(createProvider, { ...CONFIGURATION, ...changes });

        expect(start).toThrow(message);
    });
});
