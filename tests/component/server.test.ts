import { deployRegion, openSecret } from "../support/cloud-regions";

const PLACE = {
    driver: "server",
    address: "203.0.113.7",
    hostKey: `ecdsa-sha2-nistp256 ${"A".repeat(140)}=`,
    privateKey: "-----BEGIN OPENSSH PRIVATE KEY-----\nhunter2\n",
};
const COMMAND = "command:remote:Command";

describe("DerpRegion on a server", () => {
    it("applies the payload over SSH, and makes nothing else but the certificate", async () => {
        const { list, children } = await deployRegion({ place: PLACE });
        expect(list).toEqual([
            `${COMMAND} hangzhou`,
            `${COMMAND} hangzhou.server`,
            "derp:index:DerpRegion hangzhou",
            "pulumi-nodejs:dynamic/derp:RelayCheck hangzhou",
            "tls:index/privateKey:PrivateKey hangzhou",
            "tls:index/selfSignedCert:SelfSignedCert hangzhou",
        ]);
        expect(children).toEqual(list.filter((each) => each !== "derp:index:DerpRegion hangzhou"));
    });

    it("takes the relay off the server at destroy, also one whose installation failed", async () => {
        const { inputsOf, sourcesOf } = await deployRegion({ place: PLACE });
        const server = inputsOf(COMMAND, "hangzhou.server");
        expect(server).toMatchObject({ create: "true", triggers: ["203.0.113.7"] });
        expect(server.delete).toContain('systemctl stop "$unit"');
        expect(inputsOf(COMMAND)).not.toHaveProperty("delete");
        // Whatever takes it off has it installed again.
        expect(inputsOf(COMMAND).triggers).toEqual(["203.0.113.7"]);
        expect(await sourcesOf(COMMAND, "triggers")).toEqual([`${COMMAND} hangzhou.server`]);
    });

    it("becomes root with sudo where it logs in as somebody else", async () => {
        const { inputsOf } = await deployRegion({ place: { ...PLACE, user: "ubuntu" } });
        expect(inputsOf(COMMAND, "hangzhou.server").create).toBe("sudo -n sh -c 'true'");
        const { create, update } = inputsOf(COMMAND);
        expect(create).toMatch(/^sudo -n sh -c '[\s\S]*gzip -dc[\s\S]*'$/);
        expect(update).toBe(create);
    });

    it("tells clients its IPv6 address, and makes the records of both", async () => {
        const { list, inputsOf, awaitedBy, children } = await deployRegion({
            place: { ...PLACE, ipv6Address: "2001:db8::7" },
            hostname: "home.example.com",
            certificate: { mode: "files" },
            dns: { provider: "dnspod", zone: "example.com" },
        });
        const record = "tencentcloud:index/dnspodRecord:DnspodRecord";
        expect(list.filter((line) => line.startsWith("tencentcloud"))).toEqual([
            `${record} hangzhou`,
            `${record} hangzhou.ipv6`,
        ]);
        expect(children).toContain(`${record} hangzhou`);
        // Nobody is told of the relay before its name leads there.
        expect(awaitedBy("pulumi-nodejs:dynamic/derp:RelayCheck")).toEqual([
            `${record} hangzhou`,
            `${record} hangzhou.ipv6`,
        ]);
        expect(inputsOf(record)).toMatchObject({ recordType: "A", value: "203.0.113.7" });
        expect(inputsOf(record, "hangzhou.ipv6")).toEqual({
            domain: "example.com",
            subDomain: "home",
            recordType: "AAAA",
            recordLine: "默认",
            value: "2001:db8::7",
            ttl: 600,
        });
        expect(inputsOf("pulumi-nodejs:dynamic/derp:RelayCheck").node).toMatchObject({
            IPv4: "203.0.113.7",
            IPv6: "2001:db8::7",
        });
    });

    it("keeps the private key out of everything but the connection, where it is a secret", async () => {
        const { inputsOf } = await deployRegion({ place: PLACE });
        const { connection, ...rest } = inputsOf(COMMAND);
        expect(JSON.stringify([rest, inputsOf("derp:index:DerpRegion")])).not.toContain("hunter2");
        expect(openSecret(connection)).toMatchObject({
            host: "203.0.113.7",
            privateKey: expect.anything() as unknown,
        });
        expect(JSON.stringify(connection)).toContain("hunter2");
    });
});
