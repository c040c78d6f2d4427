/** The resources of BENCH_REGIONS relays at Alibaba Cloud, declared by hand: what ours is measured against. */
import * as alicloud from "@pulumi/alicloud";
import * as tls from "@pulumi/tls";

const RULES = [
    ["tcp", "443/443"],
    ["udp", "3478/3478"],
    ["icmp", "-1/-1"],
    ["tcp", "80/80"],
] as const;

function declare(name: string): void {
    const opts = { provider: new alicloud.Provider(name, { region: "cn-shanghai" }) };
    const image = alicloud.ecs.getImagesOutput(
        { owners: "system", nameRegex: "^ubuntu_22_04_x64_20G_alibase_", mostRecent: true },
        opts,
    );
    const types = alicloud.ecs.getInstanceTypesOutput({ availabilityZone: "cn-shanghai-b" }, opts);
    const vpc = new alicloud.vpc.Network(name, { cidrBlock: "10.64.0.0/16" }, opts);
    const vswitch = new alicloud.vpc.Switch(
        name,
        { vpcId: vpc.id, zoneId: "cn-shanghai-b", cidrBlock: "10.64.0.0/24" },
        opts,
    );
    const group = new alicloud.ecs.SecurityGroup(name, { vpcId: vpc.id }, opts);
    for (const [ipProtocol, portRange] of RULES) {
        const rule = { type: "ingress", ipProtocol, portRange, cidrIp: "0.0.0.0/0" };
        new alicloud.ecs.SecurityGroupRule(
            `${name}-${ipProtocol}-${portRange}`,
            { ...rule, nicType: "intranet", securityGroupId: group.id },
            opts,
        );
    }
    const eip = new alicloud.ecs.EipAddress(name, { bandwidth: "5" }, opts);
    const key = new tls.PrivateKey(name, { algorithm: "ECDSA", ecdsaCurve: "P256" });
    const certificate = new tls.SelfSignedCert(name, {
        privateKeyPem: key.privateKeyPem,
        ipAddresses: [eip.ipAddress],
        subject: { commonName: eip.ipAddress },
        allowedUses: ["digital_signature", "server_auth"],
        validityPeriodHours: 87_600,
    });
    const instance = new alicloud.ecs.Instance(
        name,
        {
            imageId: image.apply(({ ids }) => ids[0] ?? ""),
            instanceType: types.apply(({ ids }) => ids[0] ?? ""),
            securityGroups: [group.id],
            vswitchId: vswitch.id,
            userData: certificate.certPem.apply((pem) => Buffer.from(pem).toString("base64")),
        },
        opts,
    );
    new alicloud.ecs.EipAssociation(name, { allocationId: eip.id, instanceId: instance.id }, opts);
}

for (let index = 0; index < Number(process.env.BENCH_REGIONS); index += 1) {
    declare(`region${String(index)}`);
}
