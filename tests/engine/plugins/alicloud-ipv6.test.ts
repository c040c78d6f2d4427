import { createProvider } from "../../plugins/alicloud/provider";
import type { Properties } from "../../plugins/cloud/types";
import { ProviderDriver } from "./support/provider-driver";

const NETWORK = "alicloud:vpc/network:Network";
const SWITCH = "alicloud:vpc/switch:Switch";
const GATEWAY = "alicloud:vpc/ipv6Gateway:Ipv6Gateway";
const BANDWIDTH = "alicloud:vpc/ipv6InternetBandwidth:Ipv6InternetBandwidth";
const GROUP = "alicloud:ecs/securityGroup:SecurityGroup";
const INSTANCE = "alicloud:ecs/instance:Instance";

const CONFIGURATION = { region: "cn-shanghai", accessKey: "test-a", secretKey: "secret" };
const ZONE = "cn-shanghai-b";

describe("IPv6 of the stand-in of Alibaba Cloud", () => {
    let cloud: ProviderDriver;

    beforeEach(() => {
        cloud = new ProviderDriver(createProvider, CONFIGURATION);
    });

    afterEach(() => cloud.dispose());

    const makeNetwork = (enableIpv6 = true) =>
        cloud.create(NETWORK, { cidrBlock: "10.0.0.0/16", enableIpv6 });
    const makeSwitch = (vpcId: string, changes: Properties = {}) =>
        cloud.create(SWITCH, {
            ...{ vpcId, cidrBlock: "10.0.1.0/24", zoneId: ZONE },
            ...{ enableIpv6: true, ipv6CidrBlockMask: 11, ...changes },
        });
    const makeInstance = async (vpcId: string, vswitchId: string) =>
        cloud.create(INSTANCE, {
            ...{ imageId: "ubuntu_22_04_x64_20G_alibase_20260522.vhd", vswitchId },
            ...{ instanceType: "ecs.t6-c1m1.large", ipv6AddressCount: 1 },
            securityGroups: [await cloud.create(GROUP, { vpcId })],
        });
    /** A machine that has an IPv6 address, and the way to the internet that it may be given. */
    const makeMachine = async () => {
        const vpcId = await makeNetwork();
        await makeInstance(vpcId, await makeSwitch(vpcId));
        const [facts] = cloud.clouds.objects("Instance").map((instance) => instance.facts);
        const [ipv6AddressId] = facts?.ipv6AddressIds as string[];
        const ipv6GatewayId = await cloud.create(GATEWAY, { vpcId });
        return { vpcId, way: { ipv6AddressId, ipv6GatewayId, bandwidth: 5 } };
    };

    it("gives network, switch and instance addresses, each within the other's", async () => {
        await makeMachine();
        const [network] = cloud.clouds.objects("Network");
        const [vswitch] = cloud.clouds.objects("Switch");
        const [instance] = cloud.clouds.objects("Instance");
        expect(network?.facts.ipv6CidrBlock).toMatch(/^2001:db8:[0-9a-f]+:1200::\/56$/);
        expect(vswitch?.facts.ipv6CidrBlock).toMatch(/^2001:db8:[0-9a-f]+:120b::\/64$/);
        const [address] = instance?.facts.ipv6Addresses as string[];
        const prefix = String(vswitch?.facts.ipv6CidrBlock).replace("/64", "");
        expect(address?.startsWith(prefix)).toBe(true);
    });

    it.each<[string, string, Properties, string]>([
        [
            ...(["a part that no network has", SWITCH, { ipv6CidrBlockMask: 256 }] as const),
            "expected ipv6_cidr_block_mask to be in the range (0 - 255), got 256. Examine values at 'it.ipv6CidrBlockMask'.",
        ],
        [
            ...(["eleven addresses", INSTANCE, { ipv6AddressCount: 11 }] as const),
            "expected ipv6_address_count to be in the range (1 - 10), got 11. Examine values at 'it.ipv6AddressCount'.",
        ],
        [
            "a name that begins with a digit",
            GATEWAY,
            { vpcId: "vpc-1", ipv6GatewayName: "1" },
            "ipv6_gateway_name must have 2 to 128 characters and begin with a letter: 1. Examine values at 'it.ipv6GatewayName'.",
        ],
        [
            "bandwidth for nothing",
            BANDWIDTH,
            { ipv6GatewayId: "ipv6gw-1", bandwidth: 5 },
            `Missing required argument. The argument "ipv6_address_id" is required, but no definition was found. Examine values at 'it.ipv6AddressId'.`,
        ],
    ])("refuses in a preview: %s", (_title, type, inputs, failure) => {
        expect(cloud.failures(type, inputs)).toEqual([failure]);
    });

    it("refuses IPv6 where what is around it has none", async () => {
        const vpcId = await makeNetwork(false);
        await expect(makeSwitch(vpcId)).rejects.toThrow("OperationFailed.Ipv6NotEnabled");
        await expect(cloud.create(GATEWAY, { vpcId })).rejects.toThrow(
            "OperationFailed.Ipv6NotEnabled",
        );
        const vswitchId = await makeSwitch(vpcId, {
            enableIpv6: false,
            ipv6CidrBlockMask: undefined,
        });
        await expect(makeInstance(vpcId, vswitchId)).rejects.toThrow(
            "InvalidOperation.Ipv6NotEnabled",
        );
    });

    it("refuses a switch without a part of its own", async () => {
        const vpcId = await makeNetwork();
        const missing = { ipv6CidrBlockMask: undefined };
        await expect(makeSwitch(vpcId, missing)).rejects.toThrow("MissingParam.Ipv6CidrBlock");
        await makeSwitch(vpcId);
        await expect(makeSwitch(vpcId, { cidrBlock: "10.0.2.0/24" })).rejects.toThrow(
            "InvalidIpv6CidrBlock.Overlapped",
        );
    });

    it("refuses a second gateway, and a second bandwidth", async () => {
        const { vpcId, way } = await makeMachine();
        await expect(cloud.create(GATEWAY, { vpcId })).rejects.toThrow("QuotaExceeded.Ipv6Gateway");
        await cloud.create(BANDWIDTH, way);
        await expect(cloud.create(BANDWIDTH, way)).rejects.toThrow(
            "OperationFailed.InternetBandwidthExist",
        );
    });

    it("refuses bandwidth for an address that is nobody's, or through another network", async () => {
        const { way } = await makeMachine();
        const nobody = { ...way, ipv6AddressId: "ipv6-1" };
        await expect(cloud.create(BANDWIDTH, nobody)).rejects.toThrow(
            "ResourceNotFound.Ipv6Address",
        );
        const ipv6GatewayId = await cloud.create(GATEWAY, { vpcId: await makeNetwork() });
        await expect(cloud.create(BANDWIDTH, { ...way, ipv6GatewayId })).rejects.toThrow(
            "InvalidParameter.Mismatch",
        );
    });

    it("refuses to delete what is in use", async () => {
        const { vpcId, way } = await makeMachine();
        const bandwidth = await cloud.create(BANDWIDTH, way);
        await expect(cloud.delete(GATEWAY, way.ipv6GatewayId)).rejects.toThrow(
            "DependencyViolation.Ipv6InternetBandwidth",
        );
        await cloud.delete(BANDWIDTH, bandwidth);
        const [instance] = cloud.clouds.objects("Instance");
        await cloud.delete(INSTANCE, instance?.id ?? "");
        for (const [type, token] of [
            ["Switch", SWITCH],
            ["SecurityGroup", GROUP],
        ] as const) {
            const [object] = cloud.clouds.objects(type);
            await cloud.delete(token, object?.id ?? "");
        }
        await expect(cloud.delete(NETWORK, vpcId)).rejects.toThrow(
            "DependencyViolation.Ipv6Gateway",
        );
        await cloud.delete(GATEWAY, way.ipv6GatewayId);
        await cloud.delete(NETWORK, vpcId);
        expect(cloud.clouds.objects()).toEqual([]);
    });
});
