import { decodeUserData, deployRegion, openSecret } from "../support/cloud-regions";

const PLACE = { driver: "alicloud", zone: "cn-shanghai-b" };
const SSH = { ssh: { allowFrom: ["203.0.113.7/32", "198.51.100.0/24"] } };
const INSTANCE = "alicloud:ecs/instance:Instance";
const RULE = "alicloud:ecs/securityGroupRule:SecurityGroupRule";
const COMMAND = "alicloud:ecs/command:Command";
const INVOCATION = "alicloud:ecs/ecsInvocation:EcsInvocation";
const REMOTE = "command:remote:Command";
const CHECK = "pulumi-nodejs:dynamic/derp:RelayCheck";
const KEY_PAIR = "alicloud:ecs/ecsKeyPair:EcsKeyPair";
const ASSOCIATION = "alicloud:ecs/eipAssociation:EipAssociation";
/** What every machine is asked for, unless it is configured otherwise. */
const MACHINE = {
    ...{ availabilityZone: "cn-shanghai-b", instanceName: "derp-hangzhou" },
    ...{ instanceType: "ecs.t6-c1m1.large", imageId: "ubuntu_22_04.vhd" },
    ...{ systemDiskCategory: "cloud_essd", systemDiskSize: 20, instanceChargeType: "PostPaid" },
    ...{ httpEndpoint: "enabled", httpTokens: "required" },
    ...{ securityGroups: ["hangzhou-id"], vswitchId: "hangzhou-id" },
};

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
        const { userData, ...machine } = inputsOf(INSTANCE);
        expect(userData).toBeDefined();
        // An address of its own would keep the elastic one from being bound.
        expect(machine).toEqual({
            ...MACHINE,
            instanceType: "ecs.t6-c1m2.large",
            systemDiskSize: 40,
        });
        expect(inputsOf("pulumi:providers:alicloud", "hangzhou.cn-shanghai")).toEqual({
            region: "cn-shanghai",
        });
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

    it("with SSH, hands over keys at boot and the payload over the connection", async () => {
        const { inputsOf } = await deployRegion({ place: { ...PLACE, ...SSH } });
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
        ["postpaid", { instanceChargeType: "PostPaid" }],
        [
            "prepaid",
            {
                ...{ instanceChargeType: "PrePaid", period: 1, periodUnit: "Month" },
                ...{ renewalStatus: "AutoRenewal", autoRenewPeriod: 1, forceDelete: true },
            },
        ],
        ["spot", { instanceChargeType: "PostPaid", spotStrategy: "SpotAsPriceGo" }],
    ])("pays %s", async (charge, expected) => {
        const { inputsOf } = await deployRegion({ place: { ...PLACE, charge } });
        const { userData, ...machine } = inputsOf(INSTANCE);
        expect(userData).toBeDefined();
        expect(machine).toEqual({ ...MACHINE, ...expected });
    });

    it.each(["optional", "required"])(
        "has the metadata service answer with tokens %s",
        async (metadataTokens) => {
            const { inputsOf } = await deployRegion({ place: { ...PLACE, metadataTokens } });
            expect(inputsOf(INSTANCE)).toMatchObject({ httpTokens: metadataTokens });
        },
    );

    const BY_COMMAND = "cn-shanghai by command, after SSH";
    it.each([
        ["without SSH", PLACE, BY_COMMAND, ["imageId", "userData"]],
        [
            "at the spot price",
            { ...PLACE, charge: "spot" },
            `${BY_COMMAND}, spot`,
            ["imageId", "userData"],
        ],
        ["with SSH", { ...PLACE, ...SSH }, "cn-shanghai", ["imageId"]],
    ])(
        "replaces a machine %s when it has to boot anew, but for no newer image",
        async (_, place, replacementTrigger, ignoreChanges) => {
            const { optionsOf } = await deployRegion({ place });
            expect(optionsOf(INSTANCE)).toMatchObject({
                ...{ replacementTrigger, ignoreChanges },
                replaceOnChanges: ["userData", "keyName"],
            });
        },
    );

    it("binds the address to the machine, and never twice", async () => {
        const { inputsOf, optionsOf } = await deployRegion({ place: PLACE });
        expect(inputsOf(ASSOCIATION)).toEqual({
            allocationId: "hangzhou-id",
            instanceId: "hangzhou-id",
        });
        expect(optionsOf(ASSOCIATION)).toMatchObject({ deleteBeforeReplace: true });
    });

    it.each([
        ["without SSH", PLACE],
        ["with SSH", { ...PLACE, ...SSH }],
    ])("connects to the machine when it has its address, %s", async (_, place) => {
        const { awaitedBy } = await deployRegion({ place });
        expect(awaitedBy(REMOTE)).toEqual([`${ASSOCIATION} hangzhou`]);
    });

    it("with SSH, gives the machine a key pair of its own", async () => {
        const { inputsOf, optionsOf } = await deployRegion({ place: { ...PLACE, ...SSH } });
        const { publicKey, ...pair } = inputsOf(KEY_PAIR);
        expect(pair).toEqual({
            keyPairName: expect.stringMatching(/^derp_[0-9a-f]{16}$/) as string,
        });
        expect(openSecret(publicKey)).toBe("ssh-rsa AAAA");
        expect(optionsOf(KEY_PAIR)).toMatchObject({ replaceOnChanges: ["publicKey"] });
        expect(inputsOf(INSTANCE)).toMatchObject({ keyName: pair.keyPairName });
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
