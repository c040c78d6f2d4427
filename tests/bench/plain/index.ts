/** The resources of BENCH_REGIONS relays at Alibaba Cloud, declared by hand, all but the component: what ours is measured against. */
import { Command } from "@pulumi/alicloud/ecs/command";
import { EcsInvocation } from "@pulumi/alicloud/ecs/ecsInvocation";
import { EipAddress } from "@pulumi/alicloud/ecs/eipAddress";
import { EipAssociation } from "@pulumi/alicloud/ecs/eipAssociation";
import { getImagesOutput } from "@pulumi/alicloud/ecs/getImages";
import { getInstanceTypesOutput } from "@pulumi/alicloud/ecs/getInstanceTypes";
import { Instance } from "@pulumi/alicloud/ecs/instance";
import { SecurityGroup } from "@pulumi/alicloud/ecs/securityGroup";
import { SecurityGroupRule } from "@pulumi/alicloud/ecs/securityGroupRule";
import { Provider } from "@pulumi/alicloud/provider";
import { Network } from "@pulumi/alicloud/vpc/network";
import { Switch } from "@pulumi/alicloud/vpc/switch";
import { remote } from "@pulumi/command";
import { dynamic, type Input, type Resource } from "@pulumi/pulumi";
import * as tls from "@pulumi/tls";

const RULES = [
    ["tcp", "443/443"],
    ["udp", "3478/3478"],
    ["icmp", "-1/-1"],
    ["tcp", "80/80"],
] as const;

/** Where somebody would ask the relay whether it serves. */
const asking: dynamic.ResourceProvider = {
    create: ({ host }: { readonly host: string }) => Promise.resolve({ id: host, outs: { host } }),
};

class Check extends dynamic.Resource {
    public constructor(name: string, host: Input<string>, last: Resource) {
        super(asking, name, { host }, { dependsOn: [last] });
    }
}

function declare(name: string): void {
    const opts = { provider: new Provider(name, { region: "cn-shanghai" }) };
    const image = getImagesOutput(
        { owners: "system", nameRegex: "^ubuntu_22_04_x64_20G_alibase_", mostRecent: true },
        opts,
    );
    const types = getInstanceTypesOutput({ availabilityZone: "cn-shanghai-b" }, opts);
    const vpc = new Network(name, { cidrBlock: "10.64.0.0/16" }, opts);
    const vswitch = new Switch(
        name,
        { vpcId: vpc.id, zoneId: "cn-shanghai-b", cidrBlock: "10.64.0.0/24" },
        opts,
    );
    const group = new SecurityGroup(name, { vpcId: vpc.id }, opts);
    for (const [ipProtocol, portRange] of RULES) {
        const rule = { type: "ingress", ipProtocol, portRange, cidrIp: "0.0.0.0/0" };
        new SecurityGroupRule(
            `${name}-${ipProtocol}-${portRange}`,
            { ...rule, nicType: "intranet", securityGroupId: group.id },
            opts,
        );
    }
    const eip = new EipAddress(name, { bandwidth: "5" }, opts);
    const key = new tls.PrivateKey(name, { algorithm: "ECDSA", ecdsaCurve: "P256" });
    const certificate = new tls.SelfSignedCert(name, {
        privateKeyPem: key.privateKeyPem,
        ipAddresses: [eip.ipAddress],
        subject: { commonName: eip.ipAddress },
        allowedUses: ["digital_signature", "server_auth"],
        validityPeriodHours: 87_600,
    });
    const login = new tls.PrivateKey(`${name}.login`, { algorithm: "RSA", rsaBits: 3072 });
    const host = new tls.PrivateKey(`${name}.host`, { algorithm: "ECDSA", ecdsaCurve: "P256" });
    const instance = new Instance(
        name,
        {
            imageId: image.apply(({ ids }) => ids[0] ?? ""),
            instanceType: types.apply(({ ids }) => ids[0] ?? ""),
            securityGroups: [group.id],
            vswitchId: vswitch.id,
            userData: host.privateKeyPem.apply((pem) => Buffer.from(pem).toString("base64")),
        },
        opts,
    );
    const bound = { allocationId: eip.id, instanceId: instance.id };
    const association = new EipAssociation(name, bound, opts);
    const commandContent = certificate.certPem.apply((pem) => Buffer.from(pem).toString("base64"));
    const { privateKeyOpenssh: privateKey } = login;
    const first = {
        connection: { host: eip.ipAddress, port: 443, user: "root", privateKey },
        ...{ create: "true", stdin: commandContent, triggers: [instance.id] },
    };
    let last: Resource = new remote.Command(name, first, { dependsOn: [association] });
    for (const part of [`${name}.part`, name]) {
        const script = { name: part, type: "RunShellScript", commandContent };
        const command = new Command(part, script, opts);
        last = new EcsInvocation(
            part,
            { commandId: command.id, instanceIds: [instance.id] },
            { ...opts, dependsOn: [last] },
        );
    }
    new Check(name, eip.ipAddress, last);
}

for (let index = 0; index < Number(process.env.BENCH_REGIONS); index += 1) {
    declare(`region${String(index)}`);
}
