import { deployRegion } from "../support/cloud-regions";

const REGION = "derp:index:DerpRegion hangzhou";
/** What a region has in any cloud, where there is SSH. */
const EVERYWHERE = [
    "command:remote:Command hangzhou",
    REGION,
    "pulumi-nodejs:dynamic/derp:RelayCheck hangzhou",
    "tls:index/privateKey:PrivateKey hangzhou",
    "tls:index/privateKey:PrivateKey hangzhou.host",
    "tls:index/privateKey:PrivateKey hangzhou.login",
    "tls:index/selfSignedCert:SelfSignedCert hangzhou",
];
const ALICLOUD = [
    "alicloud:ecs/ecsKeyPair:EcsKeyPair hangzhou",
    "alicloud:ecs/eipAddress:EipAddress hangzhou",
    "alicloud:ecs/eipAssociation:EipAssociation hangzhou",
    "alicloud:ecs/instance:Instance hangzhou",
    "alicloud:ecs/securityGroup:SecurityGroup hangzhou",
    "alicloud:ecs/securityGroupRule:SecurityGroupRule hangzhou-icmp",
    "alicloud:ecs/securityGroupRule:SecurityGroupRule hangzhou-tcp-22-198.51.100.0-24",
    "alicloud:ecs/securityGroupRule:SecurityGroupRule hangzhou-tcp-22-203.0.113.7-32",
    "alicloud:ecs/securityGroupRule:SecurityGroupRule hangzhou-tcp-443",
    "alicloud:ecs/securityGroupRule:SecurityGroupRule hangzhou-tcp-80",
    "alicloud:ecs/securityGroupRule:SecurityGroupRule hangzhou-udp-3478",
    "alicloud:vpc/network:Network hangzhou",
    "alicloud:vpc/switch:Switch hangzhou",
    "pulumi:providers:alicloud hangzhou.cn-shanghai",
];
const TENCENTCLOUD = [
    "pulumi:providers:tencentcloud hangzhou.ap-guangzhou",
    "tencentcloud:index/eip:Eip hangzhou",
    "tencentcloud:index/eipAssociation:EipAssociation hangzhou",
    "tencentcloud:index/instance:Instance hangzhou",
    "tencentcloud:index/keyPair:KeyPair hangzhou",
    "tencentcloud:index/securityGroup:SecurityGroup hangzhou",
    "tencentcloud:index/securityGroup:SecurityGroup hangzhou.late",
    "tencentcloud:index/securityGroupRuleSet:SecurityGroupRuleSet hangzhou",
    "tencentcloud:index/securityGroupRuleSet:SecurityGroupRuleSet hangzhou.late",
    "tencentcloud:index/subnet:Subnet hangzhou",
    "tencentcloud:index/vpc:Vpc hangzhou",
];
const ALIDNS = [
    "alicloud:dns/alidnsRecord:AlidnsRecord hangzhou",
    "pulumi:providers:alicloud hangzhou.dns",
];
const DNSPOD = [
    "pulumi:providers:tencentcloud hangzhou.dns",
    "tencentcloud:index/dnspodRecord:DnspodRecord hangzhou",
];
const ssh = { allowFrom: ["203.0.113.7/32", "198.51.100.0/24"] };
const AT_ALICLOUD = { driver: "alicloud", zone: "cn-shanghai-b", ssh };
const AT_TENCENTCLOUD = { driver: "tencentcloud", zone: "ap-guangzhou-3", ssh };

const recordAt = (provider: "alidns" | "dnspod") => ({
    hostname: "relay.example.com",
    certificate: { mode: "pinned" },
    dns: { provider, zone: "example.com" },
});

describe("DerpRegion with SSH makes what is listed, and nothing else", () => {
    it.each([
        ["at Alibaba Cloud", { place: AT_ALICLOUD }, ALICLOUD],
        [
            "at Alibaba Cloud, with a record there",
            { place: AT_ALICLOUD, ...recordAt("alidns") },
            [...ALICLOUD, ...ALIDNS],
        ],
        [
            "at Alibaba Cloud, with a record at the other cloud",
            { place: AT_ALICLOUD, ...recordAt("dnspod") },
            [...ALICLOUD, ...DNSPOD],
        ],
        ["at Tencent Cloud", { place: AT_TENCENTCLOUD }, TENCENTCLOUD],
        [
            "at Tencent Cloud, with a record there",
            { place: AT_TENCENTCLOUD, ...recordAt("dnspod") },
            [...TENCENTCLOUD, ...DNSPOD],
        ],
        [
            "at Tencent Cloud, with a record at the other cloud",
            { place: AT_TENCENTCLOUD, ...recordAt("alidns") },
            [...TENCENTCLOUD, ...ALIDNS],
        ],
    ])("%s", async (_, changes, own) => {
        const { list, children } = await deployRegion(changes);
        expect(list).toEqual([...EVERYWHERE, ...own].toSorted());
        // What is not below it would be made anew when that is mended.
        expect(children).toEqual(list.filter((each) => each !== REGION));
    });
});
