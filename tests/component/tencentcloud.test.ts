import * as pulumi from "@pulumi/pulumi";

import { decodeUserData, deployRegion, openSecret } from "../support/cloud-regions";

const PLACE = { driver: "tencentcloud", zone: "ap-guangzhou-3" };
const INSTANCE = "tencentcloud:index/instance:Instance";
const CHECK = "pulumi-nodejs:dynamic/derp:RelayCheck";
const COMMAND = "command:remote:Command";
const RULES = "tencentcloud:index/securityGroupRuleSet:SecurityGroupRuleSet";
const ADDRESS = "tencentcloud:index/eip:Eip";
const ASSOCIATION = "tencentcloud:index/eipAssociation:EipAssociation";
const KEY_PAIR = "tencentcloud:index/keyPair:KeyPair";
const SSH = { ssh: { allowFrom: ["203.0.113.7/32"] } };
/** What every machine is asked for, unless it is configured otherwise. */
const MACHINE = {
    ...{ availabilityZone: "ap-guangzhou-3", instanceName: "derp-hangzhou" },
    ...{ instanceType: "S5.SMALL1", imageId: "img-new" },
    ...{ systemDiskType: "CLOUD_PREMIUM", systemDiskSize: 50 },
    ...{ instanceChargeType: "POSTPAID_BY_HOUR", userDataReplaceOnChange: true },
    ...{ vpcId: "hangzhou-id", subnetId: "hangzhou-id" },
    orderlySecurityGroups: ["hangzhou-id", "hangzhou.late-id"],
};
/** An address of its own. */
const OWN_ADDRESS = {
    allocatePublicIp: true,
    internetChargeType: "TRAFFIC_POSTPAID_BY_HOUR",
    internetMaxBandwidthOut: 100,
};

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
        const { inputsOf } = await deployRegion({
            place: { ...PLACE, instanceType: "S5.MEDIUM2", diskCategory: "CLOUD_SSD", diskGb: 60 },
        });
        const { userData, ...machine } = inputsOf(INSTANCE);
        expect(userData).toBeDefined();
        expect(machine).toEqual({
            ...MACHINE,
            ...OWN_ADDRESS,
            ...{ instanceType: "S5.MEDIUM2", systemDiskType: "CLOUD_SSD", systemDiskSize: 60 },
        });
        expect(inputsOf("pulumi:providers:tencentcloud", "hangzhou.ap-guangzhou")).toEqual({
            region: "ap-guangzhou",
        });
    });

    it("keeps the disk of a machine when there is a newer image, and its user data secret", async () => {
        const { optionsOf } = await deployRegion({ place: PLACE });
        expect(optionsOf(INSTANCE)).toMatchObject({
            ignoreChanges: ["imageId", ...Object.keys(OWN_ADDRESS)],
            // What the provider makes of the user data, and the SDK of a password.
            additionalSecretOutputs: ["userDataRaw", "password"],
        });
    });

    it("has the machine serve at an address of its own before clients come to it", async () => {
        const { inputsOf, awaitedBy, sourcesOf } = await deployRegion({ place: PLACE });
        expect(inputsOf(INSTANCE)).toMatchObject(OWN_ADDRESS);
        expect(inputsOf(CHECK, "hangzhou.first")).toMatchObject({
            node: { HostName: "198.51.100.10", IPv4: "198.51.100.10" },
            address: "198.51.100.77",
            machineId: "hangzhou-id",
        });
        expect(inputsOf(CHECK, "hangzhou.first")).not.toHaveProperty("digest");
        // Clients come to it when it has answered there, and are told when they can.
        expect(awaitedBy(ASSOCIATION)).toEqual([`${CHECK} hangzhou.first`]);
        expect(await sourcesOf(CHECK, "machineId")).toContain(`${ASSOCIATION} hangzhou`);
        expect(await sourcesOf(CHECK, "machineId", "hangzhou.first")).toContain(
            `${COMMAND} hangzhou`,
        );
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
        ["SSH", { place: { ...PLACE, ...SSH } }],
        [
            "Let's Encrypt, which has to find it there",
            { place: PLACE, hostname: "derp.example.com", certificate: { mode: "letsencrypt" } },
        ],
        [
            "certbot on port 80, which it has to find there as well",
            { place: PLACE, hostname: "derp.example.com", certificate: { mode: "certbot" } },
        ],
    ])("gives a machine with %s its address at once", async (_, changes) => {
        const { inputsOf, list, awaitedBy } = await deployRegion(changes);
        expect(list).not.toContain(`${CHECK} hangzhou.first`);
        expect(inputsOf(INSTANCE)).not.toHaveProperty("allocatePublicIp");
        expect(openSecret(inputsOf(COMMAND).connection)).toMatchObject({ host: "198.51.100.10" });
        expect(awaitedBy(ASSOCIATION)).toEqual([]);
        expect(awaitedBy(COMMAND)).toEqual([`${ASSOCIATION} hangzhou`]);
    });

    it("with SSH, hands over keys at boot, and applies each payload over the connection", async () => {
        const { inputsOf } = await deployRegion({ place: { ...PLACE, ...SSH } });
        const { userData, ...machine } = inputsOf(INSTANCE);
        expect(machine).toEqual({ ...MACHINE, keyIds: ["hangzhou-id"] });
        const document = decodeUserData(userData);
        expect(JSON.parse(document.replace("#cloud-config\n", ""))).toMatchObject({
            write_files: [{ path: "/root/.ssh/authorized_keys", content: "ssh-rsa AAAA\n" }],
            ssh_keys: { ecdsa_private: expect.stringContaining("EC PRIVATE KEY") as string },
            ssh_pwauth: false,
        });
        const { connection, create, update, stdin, triggers } = inputsOf(COMMAND);
        expect(openSecret(connection)).toMatchObject({
            ...{ host: "198.51.100.10", port: 22, user: "root", hostKey: "ssh-rsa AAAA" },
        });
        expect(openSecret(stdin)).toMatch(/^[A-Za-z0-9+/=]+$/);
        expect(update).toContain("gzip -dc");
        expect(update).toBe(create);
        expect(triggers).toEqual(["hangzhou-id"]);
    });

    it("names the key pair in the 25 characters that the cloud takes", async () => {
        const { inputsOf } = await deployRegion({ place: { ...PLACE, ...SSH } });
        const { keyName, publicKey } = inputsOf(KEY_PAIR);
        expect(keyName).toMatch(/^derp_[0-9a-f]{16}$/);
        expect(openSecret(publicKey)).toBe("ssh-rsa AAAA");
    });

    it("keeps the key pair in another region, because the account has it in every one", async () => {
        const { optionsOf } = await deployRegion({ place: { ...PLACE, ...SSH } });
        expect(optionsOf(INSTANCE)).toMatchObject({ replacementTrigger: "ap-guangzhou" });
        expect(optionsOf(KEY_PAIR)).not.toHaveProperty("replacementTrigger");
    });

    it.each([
        ["postpaid", { instanceChargeType: "POSTPAID_BY_HOUR" }],
        [
            "prepaid",
            {
                instanceChargeType: "PREPAID",
                instanceChargeTypePrepaidPeriod: 1,
                instanceChargeTypePrepaidRenewFlag: "NOTIFY_AND_AUTO_RENEW",
                forceDelete: true,
            },
        ],
        [
            "spot",
            {
                instanceChargeType: "SPOTPAID",
                spotInstanceType: "ONE-TIME",
                spotMaxPrice: "1000",
            },
        ],
    ])("pays %s", async (charge, expected) => {
        const warn = jest.spyOn(pulumi.log, "warn").mockResolvedValue();
        const { inputsOf } = await deployRegion({ place: { ...PLACE, charge } });
        warn.mockRestore();
        const { userData, ...machine } = inputsOf(INSTANCE);
        expect(userData).toBeDefined();
        expect(machine).toEqual({ ...MACHINE, ...OWN_ADDRESS, ...expected });
    });

    it.each([
        [{}, { internetChargeType: "TRAFFIC_POSTPAID_BY_HOUR", internetMaxBandwidthOut: 5 }],
        [
            { place: { ...PLACE, internetCharge: "bandwidth" }, bandwidthMbps: 30 },
            { internetChargeType: "BANDWIDTH_POSTPAID_BY_HOUR", internetMaxBandwidthOut: 30 },
        ],
    ])("pays for the address's traffic, and limits it: %j", async (changes, expected) => {
        const { inputsOf } = await deployRegion({ place: PLACE, ...changes });
        expect(inputsOf(ADDRESS)).toEqual({ name: "derp-hangzhou", ...expected });
    });

    it("binds the address to the machine, and never twice", async () => {
        const { inputsOf, optionsOf } = await deployRegion({ place: PLACE });
        expect(inputsOf(ASSOCIATION)).toEqual({ eipId: "hangzhou-id", instanceId: "hangzhou-id" });
        expect(optionsOf(ASSOCIATION)).toMatchObject({ deleteBeforeReplace: true });
    });

    it("warns that a month is given up with each machine, unless changes are applied in place", async () => {
        const warn = jest.spyOn(pulumi.log, "warn").mockResolvedValue();
        const ssh = { allowFrom: ["203.0.113.7/32"] };
        await deployRegion({ place: { ...PLACE, charge: "prepaid", ssh } });
        await deployRegion({ place: { ...PLACE, charge: "spot" } });
        expect(warn).not.toHaveBeenCalled();
        await deployRegion({ place: { ...PLACE, charge: "prepaid" } });
        expect(warn.mock.calls.map(([text]) => text)).toEqual([
            "place.charge of region hangzhou is prepaid, and without place.ssh every change of what runs on its machine " +
                "makes another one: that buys another month, and gives up the rest of the one that is paid. " +
                "Ways out: place.ssh.allowFrom, with which later changes are applied in place (adding it makes another " +
                "machine once more), or place.charge postpaid.",
        ]);
        warn.mockRestore();
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
