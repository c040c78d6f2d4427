import { decodeUserData, deployRegion, openSecret } from "../support/cloud-regions";

const PLACE = { driver: "tencentcloud", zone: "ap-guangzhou-3" };
const INSTANCE = "tencentcloud:index/instance:Instance";
const CHECK = "pulumi-nodejs:dynamic/derp:RelayCheck";
const COMMAND = "command:remote:Command";
const RULES = "tencentcloud:index/securityGroupRuleSet:SecurityGroupRuleSet";

describe("DerpRegion at Tencent Cloud", () => {
    it("makes what a relay needs, named after the region, and nothing else", async () => {
        const { list, children } = await deployRegion({ place: PLACE });
        expect(list).toEqual([
            `${COMMAND} hangzhou`,
            "derp:index:DerpRegion hangzhou",
            `${CHECK} hangzhou`,
            `${CHECK} hangzhou.first`,
            "pulumi:providers:tencentcloud hangzhou.ap-guangzhou",
            "tencentcloud:index/eip:Eip hangzhou",
            "tencentcloud:index/eipAssociation:EipAssociation hangzhou",
            `${INSTANCE} hangzhou`,
            "tencentcloud:index/securityGroup:SecurityGroup hangzhou",
            "tencentcloud:index/securityGroup:SecurityGroup hangzhou.late",
            `${RULES} hangzhou`,
            `${RULES} hangzhou.late`,
            "tencentcloud:index/subnet:Subnet hangzhou",
            "tencentcloud:index/vpc:Vpc hangzhou",
            "tls:index/privateKey:PrivateKey hangzhou",
            "tls:index/privateKey:PrivateKey hangzhou.host",
            "tls:index/privateKey:PrivateKey hangzhou.login",
            "tls:index/selfSignedCert:SelfSignedCert hangzhou",
        ]);
        // What is not below it would be made anew when that is mended.
        expect(children).toEqual(list.filter((each) => each !== "derp:index:DerpRegion hangzhou"));
    });

    it("asks for the machine that was configured, with the newest image for its processor", async () => {
        const { inputsOf } = await deployRegion({ place: PLACE });
        expect(inputsOf(INSTANCE)).toMatchObject({
            availabilityZone: "ap-guangzhou-3",
            instanceType: "S5.SMALL1",
            imageId: "img-new",
            systemDiskType: "CLOUD_PREMIUM",
            systemDiskSize: 50,
            instanceChargeType: "POSTPAID_BY_HOUR",
            userDataReplaceOnChange: true,
            orderlySecurityGroups: ["hangzhou-id", "hangzhou.late-id"],
        });
        expect(inputsOf("pulumi:providers:tencentcloud", "hangzhou.ap-guangzhou")).toEqual({
            region: "ap-guangzhou",
        });
        expect(inputsOf(INSTANCE)).not.toHaveProperty("keyIds");
    });

    it("has the machine serve at an address of its own before clients come to it", async () => {
        const { inputsOf } = await deployRegion({ place: PLACE });
        expect(inputsOf(INSTANCE)).toMatchObject({
            allocatePublicIp: true,
            internetChargeType: "TRAFFIC_POSTPAID_BY_HOUR",
            internetMaxBandwidthOut: 100,
        });
        expect(inputsOf(CHECK, "hangzhou.first")).toMatchObject({
            node: { HostName: "198.51.100.10", IPv4: "198.51.100.10" },
            address: "198.51.100.77",
            machineId: "hangzhou-id",
        });
        expect(inputsOf(CHECK, "hangzhou.first")).not.toHaveProperty("digest");
    });

    it("installs the relay over SSH on the relay's own port, and nothing of it by user data", async () => {
        const { inputsOf } = await deployRegion({ place: PLACE, ports: { derp: 8443 } });
        const command = inputsOf(COMMAND);
        expect(command.triggers).toEqual(["hangzhou-id"]);
        expect(command).not.toHaveProperty("update");
        expect(command).not.toHaveProperty("delete");
        expect(openSecret(command.stdin)).toMatch(/^[A-Za-z0-9+/=]+$/);
        expect(openSecret(command.connection)).toMatchObject({
            ...{ host: "198.51.100.77", port: 8443, user: "root", hostKey: "ssh-rsa AAAA" },
        });
        const document = decodeUserData(inputsOf(INSTANCE).userData);
        expect(document).toContain("Port 8443\\n");
        // Another payload makes another machine.
        const { digest } = inputsOf(CHECK);
        expect(document).toContain(`\n# payload ${String(digest)}\n`);
    });

    it("takes everything that a relay can be given, whatever its size", async () => {
        const tailnets = ["a", "b", "c"].map((name) => ({
            ...{ name, authKey: `tskey-auth-k${name}CNTRL-${name.repeat(40)}` },
        }));
        const { inputsOf } = await deployRegion({
            place: PLACE,
            hostname: "derp.example.com",
            certificate: { mode: "certbot", challenge: "dns-01", dnsHook: "#!/bin/sh\n" },
            verify: { mode: "tailscale", tailnets },
        });
        expect(String(openSecret(inputsOf(COMMAND).stdin)).length).toBeGreaterThan(18_000);
        // What the cloud takes before base64.
        expect(decodeUserData(inputsOf(INSTANCE).userData).length).toBeLessThan(12_288);
    });

    it.each([
        ["SSH", { place: { ...PLACE, ssh: { allowFrom: ["203.0.113.7/32"] } } }],
        [
            "Let's Encrypt, which has to find it there",
            { place: PLACE, hostname: "derp.example.com", certificate: { mode: "letsencrypt" } },
        ],
        [
            "certbot on port 80, which it has to find there as well",
            { place: PLACE, hostname: "derp.example.com", certificate: { mode: "certbot" } },
        ],
    ])("gives a machine with %s its address at once", async (_, changes) => {
        const { inputsOf, list } = await deployRegion(changes);
        expect(list).not.toContain(`${CHECK} hangzhou.first`);
        expect(inputsOf(INSTANCE)).not.toHaveProperty("allocatePublicIp");
        expect(openSecret(inputsOf(COMMAND).connection)).toMatchObject({ host: "198.51.100.10" });
    });

    it("opens the relay's ports, SSH to its ranges, and lets everything out", async () => {
        const { inputsOf } = await deployRegion({
            place: { ...PLACE, ssh: { allowFrom: ["203.0.113.7/32"] } },
        });
        const accept = (
            protocol: string,
            cidrBlock: string,
            description: string,
            port?: string,
        ) => ({
            action: "ACCEPT",
            cidrBlock,
            protocol,
            description,
            ...(port === undefined ? {} : { port }),
        });
        expect(inputsOf(RULES)).toEqual({
            securityGroupId: "hangzhou-id",
            ingresses: [
                accept("TCP", "0.0.0.0/0", "DERP over TLS", "443"),
                accept("UDP", "0.0.0.0/0", "STUN", "3478"),
                accept("ICMP", "0.0.0.0/0", "ping"),
                accept("TCP", "0.0.0.0/0", "captive-portal check", "80"),
                accept("TCP", "203.0.113.7/32", "SSH", "22"),
            ],
            egresses: [{ action: "ACCEPT", cidrBlock: "0.0.0.0/0", protocol: "ALL", port: "ALL" }],
        });
        // What closes last has the same ports.
        expect(inputsOf(RULES, "hangzhou.late")).toEqual({
            securityGroupId: "hangzhou.late-id",
            ingresses: inputsOf(RULES).ingresses,
        });
    });

    it("names the key pair in the 25 characters that the cloud takes", async () => {
        const { inputsOf } = await deployRegion({
            place: { ...PLACE, ssh: { allowFrom: ["203.0.113.7/32"] } },
        });
        const { keyName, publicKey } = inputsOf("tencentcloud:index/keyPair:KeyPair");
        expect(keyName).toMatch(/^derp_[0-9a-f]{16}$/);
        expect(openSecret(publicKey)).toBe("ssh-rsa AAAA");
        expect(inputsOf(INSTANCE)).toMatchObject({ keyIds: ["hangzhou-id"] });
    });

    it.each([
        ["prepaid", { instanceChargeType: "PREPAID", forceDelete: true }],
        ["spot", { instanceChargeType: "SPOTPAID", spotInstanceType: "ONE-TIME" }],
    ])("pays %s", async (charge, expected) => {
        const { inputsOf } = await deployRegion({ place: { ...PLACE, charge } });
        expect(inputsOf(INSTANCE)).toMatchObject(expected);
    });

    it("makes the record in Alibaba Cloud DNS while the machine is here", async () => {
        const { inputsOf } = await deployRegion({
            place: PLACE,
            hostname: "example.com",
            certificate: { mode: "pinned" },
            dns: { provider: "alidns", zone: "example.com" },
        });
        expect(inputsOf("alicloud:dns/alidnsRecord:AlidnsRecord")).toEqual({
            domainName: "example.com",
            rr: "@",
            type: "A",
            value: "198.51.100.10",
            ttl: 600,
        });
    });
});
