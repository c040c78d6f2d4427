import { createProvider } from "../../plugins/alicloud/provider";
import type { Properties } from "../../plugins/cloud/types";
import { ProviderDriver } from "./support/provider-driver";

const NETWORK = "alicloud:vpc/network:Network";
const SWITCH = "alicloud:vpc/switch:Switch";
const GROUP = "alicloud:ecs/securityGroup:SecurityGroup";
const RULE = "alicloud:ecs/securityGroupRule:SecurityGroupRule";
const KEY = "alicloud:ecs/ecsKeyPair:EcsKeyPair";
const EIP = "alicloud:ecs/eipAddress:EipAddress";
const ASSOCIATION = "alicloud:ecs/eipAssociation:EipAssociation";
const INSTANCE = "alicloud:ecs/instance:Instance";
const COMMAND = "alicloud:ecs/command:Command";
const INVOCATION = "alicloud:ecs/ecsInvocation:EcsInvocation";

const CONFIGURATION = { region: "cn-shanghai", accessKey: "test-a", secretKey: "secret" };
const GOOD_RULE = { type: "ingress", ipProtocol: "tcp", portRange: "443/443", cidrIp: "0.0.0.0/0" };

describe("the rules of the stand-in of Alibaba Cloud", () => {
    let cloud: ProviderDriver;

    beforeEach(() => {
        cloud = new ProviderDriver(createProvider, CONFIGURATION);
    });

    afterEach(() => cloud.dispose());

    it.each<[string, string, Properties, string]>([
        [
            ...(["an unknown argument", NETWORK, { cidr: "10.0.0.0/8" }] as const),
            "Invalid or unknown key. Examine values at 'it.cidr'.",
        ],
        [
            ...([
                "no protocol",
                RULE,
                { ...GOOD_RULE, securityGroupId: "sg", ipProtocol: undefined },
            ] as const),
            `Missing required argument. The argument "ip_protocol" is required, but no definition was found. Examine values at 'it.ipProtocol'.`,
        ],
        [
            ...(["a number for a text", EIP, { bandwidth: 10 }] as const),
            "expected string type, got number type. Examine values at 'it.bandwidth'.",
        ],
        [
            ...(["a wrong type inside", INSTANCE, { dataDisks: [{ size: "20" }] }] as const),
            "expected number type, got string type. Examine values at 'it.dataDisks[0].size'.",
        ],
        [
            ...(["a network that is public", NETWORK, { cidrBlock: "8.8.8.0/24" }] as const),
            "cidr_block must be in one of 10.0.0.0/8, 172.16.0.0/12, 192.168.0.0/16. Examine values at 'it.cidrBlock'.",
        ],
        [
            ...([
                "two sources",
                RULE,
                { ...GOOD_RULE, securityGroupId: "sg", ipv6CidrIp: "::/0" },
            ] as const),
            `Conflicting configuration arguments. "ipv6_cidr_ip": conflicts with cidr_ip. Examine values at 'it.ipv6CidrIp'.`,
        ],
        [
            ...([
                "no source",
                RULE,
                { ...GOOD_RULE, securityGroupId: "sg", cidrIp: undefined },
            ] as const),
            "one of `cidr_ip,ipv6_cidr_ip,source_security_group_id,prefix_list_id` must be specified. Examine values at 'it.cidrIp'.",
        ],
        [
            ...([
                "ICMP with a port",
                RULE,
                { ...GOOD_RULE, securityGroupId: "sg", ipProtocol: "icmp" },
            ] as const),
            "'icmp', 'gre' and 'all' only support port range '-1/-1'. Please correct it and try again. Examine values at 'it.ipProtocol'.",
        ],
        [
            ...(["plain user data", INSTANCE, { userData: "#cloud-config" }] as const),
            "user_data must be base64. Examine values at 'it.userData'.",
        ],
        [
            ...(["a disk as declared", INSTANCE, { systemDiskPerformanceLevel: "pl1" }] as const),
            `expected system_disk_performance_level to be one of ["PL0" "PL1" "PL2" "PL3"], got pl1. Examine values at 'it.systemDiskPerformanceLevel'.`,
        ],
    ])("refuses in a preview: %s", (_title, type, inputs, failure) => {
        const given = Object.entries(inputs).filter(([, value]) => value !== undefined);

        expect(cloud.failures(type, Object.fromEntries(given))).toEqual([failure]);
    });

    /** A network with all that an instance needs. */
    async function parts(): Promise<Properties & { readonly securityGroups: string[] }> {
        const vpcId = await cloud.create(NETWORK, { cidrBlock: "10.0.0.0/16" });
        const place = { vpcId, cidrBlock: "10.0.1.0/24", zoneId: "cn-shanghai-b" };
        const group = await cloud.create(GROUP, { vpcId });
        const publicKey = "ssh-ed25519 AAAAC3Nz relay";
        return {
            ...{ imageId: "ubuntu_22_04_x64_20G_alibase_20260522.vhd", securityGroups: [group] },
            ...{ instanceType: "ecs.t6-c1m1.large", vswitchId: await cloud.create(SWITCH, place) },
            keyName: await cloud.create(KEY, { keyPairName: "relay", publicKey }),
        };
    }

    it.each<[string, Properties, string]>([
        ["an image that is not there", { imageId: "a.vhd" }, "InvalidImageId.NotFound"],
        ["a key that is not there", { keyName: "gone" }, "InvalidKeyPairName.NotFound"],
        ["a switch that is not there", { vswitchId: "vsw-1" }, "InvalidVSwitchId.NotFound"],
        [
            "a type that is not there",
            { instanceType: "ecs.a" },
            "InvalidInstanceType.ValueNotSupported",
        ],
        [
            "a type for other images",
            { instanceType: "ecs.g8y.small" },
            "InvalidInstanceType.NotSupportImage",
        ],
        [
            "a disk that the type has not",
            { systemDiskCategory: "cloud_auto" },
            "InvalidSystemDiskCategory",
        ],
        ["a dry run", { dryRun: true }, "DryRunOperation"],
        [
            ...([
                "large user data",
                { userData: Buffer.alloc(32 * 1024 + 1).toString("base64") },
            ] as const),
            "InvalidUserData.SizeExceeded",
        ],
    ])("refuses to make an instance with %s", async (_title, changes, code) => {
        const inputs = { ...(await parts()), ...changes };

        await expect(cloud.create(INSTANCE, inputs)).rejects.toThrow(code);
    });

    it("refuses to make an instance without what the provider calls optional", async () => {
        await expect(cloud.create(INSTANCE, {})).rejects.toThrow("MissingParameter");
    });

    it("refuses a zone in which the type is not on sale", async () => {
        const inputs = await parts();
        const vpcId = cloud.clouds.objects("Network")[0]?.id;
        const place = { vpcId, cidrBlock: "10.0.2.0/24", zoneId: "cn-shanghai-e" };
        const vswitchId = await cloud.create(SWITCH, place);

        await expect(cloud.create(INSTANCE, { ...inputs, vswitchId })).rejects.toThrow(
            "InvalidInstanceType.ZoneNotSupported",
        );
    });

    it("refuses a switch beside its network, or over another one", async () => {
        await parts();
        const vpcId = cloud.clouds.objects("Network")[0]?.id;
        const place = { vpcId, zoneId: "cn-shanghai-b" };

        await expect(cloud.create(SWITCH, { ...place, cidrBlock: "10.1.0.0/24" })).rejects.toThrow(
            "InvalidCidrBlock.Malformed",
        );
        await expect(cloud.create(SWITCH, { ...place, cidrBlock: "10.0.0.0/20" })).rejects.toThrow(
            "InvalidCidrBlock.Overlapped",
        );
    });

    it("refuses to delete what is in use", async () => {
        const inputs = await parts();
        const instanceId = await cloud.create(INSTANCE, inputs);
        const vpcId = cloud.clouds.objects("Network")[0]?.id ?? "";
        const allocationId = await cloud.create(EIP, {});
        const association = await cloud.create(ASSOCIATION, { allocationId, instanceId });
        const [group = ""] = inputs.securityGroups;

        await expect(cloud.delete(NETWORK, vpcId)).rejects.toThrow("DependencyViolation.VSwitch");
        await expect(cloud.delete(SWITCH, String(inputs.vswitchId))).rejects.toThrow(
            "DependencyViolation",
        );
        await expect(cloud.delete(GROUP, group)).rejects.toThrow("DependencyViolation");
        await expect(cloud.delete(KEY, "relay")).rejects.toThrow("KeypairAlreadyAttachedInstance");
        await expect(cloud.delete(EIP, allocationId)).rejects.toThrow("IncorrectEipStatus");

        await cloud.delete(ASSOCIATION, association);
        await cloud.delete(EIP, allocationId);

        expect(cloud.clouds.objects("EipAddress")).toEqual([]);
    });

    it("refuses an address for an instance that has a public one", async () => {
        const inputs = { ...(await parts()), internetMaxBandwidthOut: 5 };
        const instanceId = await cloud.create(INSTANCE, inputs);
        const allocationId = await cloud.create(EIP, {});

        await expect(cloud.create(ASSOCIATION, { allocationId, instanceId })).rejects.toThrow(
            "InvalidStatus.InstanceHasBandWidth",
        );
    });

    const script = (bytes: number) => Buffer.alloc(bytes, "#").toString("base64");
    const order = { name: "change", type: "RunShellScript", commandContent: script(13_824) };

    it("runs a command on instances, and forgets it with them", async () => {
        const instanceId = await cloud.create(INSTANCE, await parts());
        const commandId = await cloud.create(COMMAND, order);
        const id = await cloud.create(INVOCATION, { commandId, instanceIds: [instanceId] });

        expect(await cloud.read(INVOCATION, id)).toMatchObject({ status: "Success" });
        // It cannot be stopped.
        await expect(cloud.delete(INVOCATION, id)).rejects.toThrow("Forbidden.RAM");
        await cloud.delete(INSTANCE, instanceId);
        expect(await cloud.read(INVOCATION, id)).toBeUndefined();
    });

    it.each<[string, Properties, string]>([
        ["more than 18 KB", { commandContent: script(13_825) }, "CmdContent.ExceedLimit"],
        ["plain text", { commandContent: "echo hello" }, "InvalidParameter.CommandContent"],
        ["a type that is not there", { type: "RunPython" }, "RunPython"],
    ])("refuses a command with %s", async (_title, changes, message) => {
        await expect(cloud.create(COMMAND, { ...order, ...changes })).rejects.toThrow(message);
    });

    it("refuses to run what is not there, or where nothing is", async () => {
        const commandId = await cloud.create(COMMAND, order);
        const nowhere = { commandId, instanceIds: ["i-1"] };

        await expect(cloud.create(INVOCATION, nowhere)).rejects.toThrow("InvalidInstance.NotFound");
        await expect(cloud.create(INVOCATION, { ...nowhere, commandId: "c-1" })).rejects.toThrow(
            "InvalidCmdId.NotFound",
        );
    });

    it("refuses a rule of the internet in a network", async () => {
        const [securityGroupId] = (await parts()).securityGroups;
        const rule = { ...GOOD_RULE, securityGroupId, nicType: "internet" };

        await expect(cloud.create(RULE, rule)).rejects.toThrow("the nic_type must be 'intranet'");
    });

    it("refuses the name of a key pair a second time", async () => {
        await parts();

        await expect(cloud.create(KEY, { keyPairName: "relay" })).rejects.toThrow(
            "KeyPair.AlreadyExist",
        );
    });

    it.each<[string, Properties, string]>([
        ["no credentials", { accessKey: "" }, "no valid credential sources"],
        ["a key of nobody", { accessKey: "LTAI5t" }, "InvalidAccessKeyId.NotFound"],
        ["a region that does not exist", { region: "cn-nowhere" }, "Invalid Alibaba Cloud region"],
    ])("refuses to work with %s", (_title, changes, message) => {
        const start = (): ProviderDriver =>
            new ProviderDriver(createProvider, { ...CONFIGURATION, ...changes });

        expect(start).toThrow(message);
    });
});
