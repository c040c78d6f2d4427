import { toBase91 } from "../../components/cloud-init/base91";
import { decodeUserData, deployRegion, openSecret, payloadIn } from "../support/cloud-regions";

const PLACE = { driver: "alicloud", zone: "cn-shanghai-b" };
const SSH = { ssh: { allowFrom: ["203.0.113.7/32", "198.51.100.0/24"] } };
const INSTANCE = "alicloud:ecs/instance:Instance";
const RULE = "alicloud:ecs/securityGroupRule:SecurityGroupRule";
const COMMAND = "alicloud:ecs/command:Command";
const INVOCATION = "alicloud:ecs/ecsInvocation:EcsInvocation";
const REMOTE = "command:remote:Command";
const CHECK = "pulumi-nodejs:dynamic/derp:RelayCheck";

describe("DerpRegion at Alibaba Cloud", () => {
    it("makes what a relay needs, named after the region, and nothing else", async () => {
        const { list, children } = await deployRegion({ place: PLACE });
        expect(list).toEqual([
            `${COMMAND} hangzhou`,
            `${COMMAND} hangzhou.part`,
            `${INVOCATION} hangzhou`,
            `${INVOCATION} hangzhou.part`,
            "alicloud:ecs/eipAddress:EipAddress hangzhou",
            "alicloud:ecs/eipAssociation:EipAssociation hangzhou",
            `${INSTANCE} hangzhou`,
            "alicloud:ecs/securityGroup:SecurityGroup hangzhou",
            `${RULE} hangzhou-icmp`,
            `${RULE} hangzhou-tcp-443`,
            `${RULE} hangzhou-tcp-80`,
            `${RULE} hangzhou-udp-3478`,
            "alicloud:vpc/network:Network hangzhou",
            "alicloud:vpc/switch:Switch hangzhou",
            `${REMOTE} hangzhou`,
            "derp:index:DerpRegion hangzhou",
            `${CHECK} hangzhou`,
            "pulumi:providers:alicloud hangzhou.cn-shanghai",
            "tls:index/privateKey:PrivateKey hangzhou",
            "tls:index/privateKey:PrivateKey hangzhou.host",
            "tls:index/privateKey:PrivateKey hangzhou.login",
            "tls:index/selfSignedCert:SelfSignedCert hangzhou",
        ]);
        // What is not below it would be made anew when that is mended.
        expect(children).toEqual(list.filter((each) => each !== "derp:index:DerpRegion hangzhou"));
    });

    it("asks for the machine that was configured", async () => {
        const { inputsOf } = await deployRegion({
            place: { ...PLACE, instanceType: "ecs.t6-c1m2.large", diskGb: 40 },
        });
        expect(inputsOf(INSTANCE)).toMatchObject({
            instanceName: "derp-hangzhou",
            instanceType: "ecs.t6-c1m2.large",
            imageId: "ubuntu_22_04.vhd",
            systemDiskCategory: "cloud_essd",
            systemDiskSize: 40,
            instanceChargeType: "PostPaid",
            httpTokens: "required",
            securityGroups: ["hangzhou-id"],
            vswitchId: "hangzhou-id",
        });
        // An address of its own would keep the elastic one from being bound.
        expect(inputsOf(INSTANCE)).not.toHaveProperty("internetMaxBandwidthOut");
        expect(inputsOf("pulumi:providers:alicloud", "hangzhou.cn-shanghai")).toEqual({
            region: "cn-shanghai",
        });
        expect(inputsOf("alicloud:vpc/switch:Switch")).toMatchObject({ zoneId: "cn-shanghai-b" });
    });

    it("opens the ports of the relay to everybody, and no other", async () => {
        const { list, inputsOf } = await deployRegion({
            place: PLACE,
            ports: { derp: 8443, http: -1 },
        });
        expect(list.filter((line) => line.startsWith(RULE))).toEqual([
            `${RULE} hangzhou-icmp`,
            `${RULE} hangzhou-tcp-8443`,
            `${RULE} hangzhou-udp-3478`,
        ]);
        expect(inputsOf(RULE, "hangzhou-tcp-8443")).toEqual({
            securityGroupId: "hangzhou-id",
            type: "ingress",
            ipProtocol: "tcp",
            nicType: "intranet",
            portRange: "8443/8443",
            cidrIp: "0.0.0.0/0",
            description: "DERP over TLS",
        });
        expect(inputsOf(RULE, "hangzhou-icmp")).toMatchObject({ portRange: "-1/-1" });
    });

    it("installs the first payload over SSH on the relay's port, where no other is open", async () => {
        const { inputsOf } = await deployRegion({ place: PLACE, ports: { derp: 8443 } });
        const document = decodeUserData(inputsOf(INSTANCE).userData);
        expect(document).toMatch(/^#cloud-config\n\{/);
        expect(document).toContain("Port 8443\\n");
        expect(inputsOf(INSTANCE)).not.toHaveProperty("keyName");
        const { connection, triggers } = inputsOf(REMOTE);
        expect(openSecret(connection)).toMatchObject({ host: "203.0.113.10", port: 8443 });
        expect(triggers).toEqual(["hangzhou-id"]);
    });

    it("applies changes of it through Cloud Assistant, as secrets, where there is no SSH", async () => {
        const { inputsOf } = await deployRegion({ place: PLACE });
        const scripts = ["hangzhou.part", "hangzhou"].map((name) => {
            const { commandContent, ...command } = inputsOf(COMMAND, name);
            expect(command).toEqual({
                name: `derp-${name}`,
                type: "RunShellScript",
                timeout: 3600,
            });
            expect(inputsOf(INVOCATION, name)).toEqual({
                commandId: `${name}-id`,
                instanceIds: ["hangzhou-id"],
            });
            return decodeUserData(commandContent);
        });
        // What the machine got first, in two parts.
        const first = Buffer.from(String(openSecret(inputsOf(REMOTE).stdin)), "base64");
        expect(scripts.map(payloadIn).join("")).toBe(toBase91(first));
    });

    it("applies what certbot needs the same way", async () => {
        const { list } = await deployRegion({
            place: PLACE,
            hostname: "relay.example.com",
            ports: { derp: 8443, http: -1 },
            certificate: { mode: "certbot" },
        });
        expect(list.filter((line) => line.startsWith(COMMAND))).toHaveLength(2);
    });

    it("with SSH, hands over keys at boot and the payload over the connection", async () => {
        const { list, inputsOf } = await deployRegion({ place: { ...PLACE, ...SSH } });
        expect(list.filter((line) => /Key|[Cc]ommand|Invocation|tcp-22/.test(line))).toEqual([
            "alicloud:ecs/ecsKeyPair:EcsKeyPair hangzhou",
            `${RULE} hangzhou-tcp-22-198.51.100.0-24`,
            `${RULE} hangzhou-tcp-22-203.0.113.7-32`,
            "command:remote:Command hangzhou",
            "tls:index/privateKey:PrivateKey hangzhou",
            "tls:index/privateKey:PrivateKey hangzhou.host",
            "tls:index/privateKey:PrivateKey hangzhou.login",
        ]);
        const document = decodeUserData(inputsOf(INSTANCE).userData);
        expect(JSON.parse(document.replace("#cloud-config\n", ""))).toMatchObject({
            ssh_keys: { ecdsa_private: expect.stringContaining("EC PRIVATE KEY") as string },
            ssh_pwauth: false,
        });
        expect(document).not.toContain("derp-relay");
        const command = inputsOf("command:remote:Command");
        expect(command.triggers).toEqual(["hangzhou-id"]);
        expect(openSecret(command.stdin)).toMatch(/^[A-Za-z0-9+/=]+$/);
        expect(command).not.toHaveProperty("delete");
        expect(openSecret(command.connection)).toMatchObject({
            host: "203.0.113.10",
            port: 22,
            user: "root",
            hostKey: "ssh-rsa AAAA",
        });
    });

    it.each([
        ["prepaid", { instanceChargeType: "PrePaid", period: 1, forceDelete: true }],
        ["spot", { instanceChargeType: "PostPaid", spotStrategy: "SpotAsPriceGo" }],
    ])("pays %s", async (charge, expected) => {
        const { inputsOf } = await deployRegion({ place: { ...PLACE, charge } });
        expect(inputsOf(INSTANCE)).toMatchObject(expected);
    });

    it("limits the address to the bandwidth, as text", async () => {
        const { inputsOf } = await deployRegion({
            place: { ...PLACE, internetCharge: "bandwidth" },
            bandwidthMbps: 30,
        });
        expect(inputsOf("alicloud:ecs/eipAddress:EipAddress")).toEqual({
            addressName: "derp-hangzhou",
            bandwidth: "30",
            internetChargeType: "PayByBandwidth",
        });
    });

    it("gives the provider credentials from the configuration as secrets", async () => {
        const credentials = { accessKeyId: "LTAI5tExample", accessKeySecret: "hunter2hunter2" };
        const { inputsOf } = await deployRegion({ place: { ...PLACE, credentials } });
        const provider = inputsOf("pulumi:providers:alicloud", "hangzhou.cn-shanghai");
        expect(openSecret(provider.secretKey)).toBe("hunter2hunter2");
        expect(openSecret(provider.accessKey)).toBe("LTAI5tExample");
        expect(JSON.stringify(inputsOf("derp:index:DerpRegion"))).not.toMatch(/hunter2|LTAI/);
    });

    it("makes the record in DNSPod while the machine is here", async () => {
        const { list, inputsOf } = await deployRegion({
            place: PLACE,
            hostname: "sha.derp.example.com",
            certificate: { mode: "pinned" },
            dns: { provider: "dnspod", zone: "example.com" },
        });
        expect(list.filter((line) => line.startsWith("pulumi:providers"))).toEqual([
            "pulumi:providers:alicloud hangzhou.cn-shanghai",
            "pulumi:providers:tencentcloud hangzhou.dns",
        ]);
        expect(inputsOf("tencentcloud:index/dnspodRecord:DnspodRecord")).toEqual({
            domain: "example.com",
            subDomain: "sha.derp",
            recordType: "A",
            recordLine: "默认",
            value: "203.0.113.10",
            ttl: 600,
        });
        expect(inputsOf("tls:index/selfSignedCert:SelfSignedCert")).toMatchObject({
            ipAddresses: ["203.0.113.10"],
            dnsNames: ["sha.derp.example.com"],
            validityPeriodHours: 87_600,
        });
    });
});
