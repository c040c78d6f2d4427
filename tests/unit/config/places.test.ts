import { parseRegions } from "../../../components/config/parse";
import { reasonOf } from "../../../components/reason-of";
import { rawRegion, source } from "../../support/region";

const SOURCE = source({
    stack: "prod",
    env: { ALICLOUD_ACCESS_KEY: "a", ALICLOUD_SECRET_KEY: "b" },
});
const SET = "fix: pulumi config set --stack prod";
const ALICLOUD = { driver: "alicloud", zone: "cn-shanghai-b" };
const TENCENT = { driver: "tencentcloud", zone: "ap-guangzhou-3" };
const TENCENT_ENV = { TENCENTCLOUD_SECRET_ID: "a", TENCENTCLOUD_SECRET_KEY: "b" };
const HOST_KEY = `ecdsa-sha2-nistp256 ${"A".repeat(140)}=`;

const parse = (changes: Readonly<Record<string, unknown>>, from = SOURCE) =>
    parseRegions([rawRegion({ certificate: undefined, ...changes })], from)[0];

const linesOf = (changes: Readonly<Record<string, unknown>>, from = SOURCE): string[] => {
    try {
        parse(changes, from);
    } catch (error) {
        return reasonOf(error)
            .split("\n")
            .map((line) => line.trim());
    }
    return [];
};

describe("parseRegions() of a cloud", () => {
    it("needs a zone and nothing else of Alibaba Cloud, and pins a certificate", () => {
        expect(parse({ place: ALICLOUD })).toMatchObject({
            place: {
                driver: "alicloud",
                zone: "cn-shanghai-b",
                instanceType: "ecs.t6-c1m1.large",
                diskCategory: "cloud_essd",
                diskGb: 20,
                charge: "postpaid",
                internetCharge: "traffic",
                metadataTokens: "required",
                securityUpdates: true,
            },
            home: "blank",
            certificate: { mode: "pinned" },
            bandwidthMbps: 5,
        });
    });

    it("needs a zone and nothing else of Tencent Cloud", () => {
        const settings = parse({ place: TENCENT }, { ...SOURCE, env: TENCENT_ENV });
        expect(settings?.place).toMatchObject({ instanceType: "S5.SMALL1", diskGb: 50 });
    });

    it.each(["cn-shanghai", "cn-shanghai-3", "ap-guangzhou-3", "CN-SHANGHAI-G"])(
        "refuses %s as a zone of Alibaba Cloud, in its own words",
        (zone) => {
            expect(linesOf({ place: { ...ALICLOUD, zone } })).toEqual([
                "1 problem in the configuration of stack prod",
                `regions[0].place.zone must be a zone such as cn-shanghai-b: got "${zone}"`,
                `${SET} --path 'derp:regions[0].place.zone' cn-shanghai-b`,
            ]);
        },
    );

    it("refuses a zone of the other cloud in the words of the one that was chosen", () => {
        expect(linesOf({ place: { ...TENCENT, zone: "cn-shanghai-b" } })[1]).toBe(
            'regions[0].place.zone must be a zone such as ap-guangzhou-3: got "cn-shanghai-b"',
        );
    });

    it("names the variables when there are no credentials", () => {
        expect(linesOf({ place: TENCENT })).toEqual([
            "1 problem in the configuration of stack prod",
            "regions[0].place.credentials must be given, or be in the environment: " +
                "TENCENTCLOUD_SECRET_ID and TENCENTCLOUD_SECRET_KEY of the account at Tencent Cloud are not set",
            "fix: export TENCENTCLOUD_SECRET_ID=… TENCENTCLOUD_SECRET_KEY=…",
        ]);
    });

    it("names the one variable that is missing", () => {
        const env = { ALICLOUD_ACCESS_KEY: "LTAI" };
        expect(linesOf({ place: ALICLOUD }, { ...SOURCE, env })[1]).toContain(
            "ALICLOUD_SECRET_KEY of the account at Alibaba Cloud is not set",
        );
    });

    it.each([
        { ALIBABA_CLOUD_ACCESS_KEY_ID: "a", ALIBABA_CLOUD_ACCESS_KEY_SECRET: "b" },
        { ALIBABA_CLOUD_PROFILE: "work" },
    ])("takes credentials where the provider takes them: %j", (env) => {
        expect(linesOf({ place: ALICLOUD }, { ...SOURCE, env })).toEqual([]);
    });

    const CREDENTIALS = { accessKeyId: "LTAI5tExample", accessKeySecret: "hunter2hunter2" };

    it("takes credentials from the configuration, but not as plain text, and never prints them", () => {
        const changes = { place: { ...ALICLOUD, credentials: CREDENTIALS } };
        expect(linesOf(changes, { ...SOURCE, env: {} })).toEqual([]);
        const lines = linesOf(changes, { ...SOURCE, env: {}, isEncrypted: () => false });
        expect(lines).toEqual([
            "1 problem in the configuration of stack prod",
            "regions[0].place.credentials.accessKeySecret must be encrypted: it stands in the stack's file as plain text",
            `${SET} --secret --path 'derp:regions[0].place.credentials.accessKeySecret' < key.txt`,
        ]);
    });

    it("does not print a secret key that is no secret key", () => {
        const credentials = { ...CREDENTIALS, accessKeySecret: "hunter 2" };
        const text = linesOf({ place: { ...ALICLOUD, credentials } }).join("\n");
        expect(text).toContain("accessKeySecret must be 8 to 128 letters");
        expect(text).not.toContain("hunter");
    });

    it.each([
        "203.0.113.7",
        "203.0.113.7/33",
        "300.0.0.1/24",
        "0.0.0.0.0/0",
        "::/0",
        "any",
        "203.0.113.7/24",
    ])("refuses %s as a range of SSH", (range) => {
        expect(linesOf({ place: { ...ALICLOUD, ssh: { allowFrom: [range] } } })[1]).toContain(
            "regions[0].place.ssh.allowFrom[0] must be",
        );
    });

    it.each([
        [ALICLOUD, 2.5, "an integer from 1 to 200", "3"],
        [{ ...ALICLOUD, internetCharge: "bandwidth" }, 501, "an integer from 1 to 500", "500"],
    ])("refuses a bandwidth that the cloud refuses", (place, bandwidthMbps, expected, better) => {
        expect(linesOf({ place, bandwidthMbps }).slice(1)).toEqual([
            `regions[0].bandwidthMbps must be ${expected} in this cloud: got ${String(bandwidthMbps)}`,
            `${SET} --path 'derp:regions[0].bandwidthMbps' ${better}`,
        ]);
    });

    it("refuses the same range twice", () => {
        const allowFrom = ["203.0.113.0/24", "203.0.113.0/24"];
        expect(linesOf({ place: { ...ALICLOUD, ssh: { allowFrom } } })[1]).toContain(
            "regions[0].place.ssh.allowFrom must be a list of different IPv4 networks",
        );
    });

    it("says what a network of allowFrom must be, and how to set it", () => {
        const place = { ...ALICLOUD, ssh: { allowFrom: ["203.0.113.7"] } };
        expect(linesOf({ place }).slice(1)).toEqual([
            "regions[0].place.ssh.allowFrom[0] must be an IPv4 network such as 203.0.113.7/32 or 203.0.113.0/24, " +
                'with no bit set beyond its length: got "203.0.113.7"',
            "fix: pulumi config set --stack prod --path 'derp:regions[0].place.ssh.allowFrom[0]' 203.0.113.7/32",
        ]);
    });

    it("refuses a relay on the port of SSH", () => {
        const place = { ...ALICLOUD, ssh: { allowFrom: ["203.0.113.7/32"] } };
        expect(linesOf({ place, ports: { derp: 22 } })[1]).toBe(
            "regions[0].ports.derp must differ from the port of SSH: both are 22",
        );
        // The image has an sshd all the same.
        expect(linesOf({ place: ALICLOUD, ports: { http: 22 } })[1]).toBe(
            "regions[0].ports.http must differ from the port of SSH: both are 22",
        );
    });

    const SSH = { allowFrom: ["203.0.113.7/32"] };

    it("gives a machine an IPv6 address when it is asked to", () => {
        expect(parse({ place: ALICLOUD })?.place).not.toHaveProperty("ipv6");
        expect(parse({ place: { ...ALICLOUD, ipv6: true } })?.place).toHaveProperty("ipv6", true);
        const source = { ...SOURCE, env: TENCENT_ENV };
        const place = { ...TENCENT, ssh: SSH, ipv6: true };
        expect(parse({ place }, source)?.place).toHaveProperty("ipv6", true);
    });

    it("refuses an image that is no regular expression", () => {
        expect(linesOf({ place: { ...ALICLOUD, image: "(ubuntu" } })[1]).toContain(
            'regions[0].place.image must be a regular expression in the syntax of Go, of at most 200 characters: got "(ubuntu"',
        );
    });
});

describe("parseRegions() of a server", () => {
    const SERVER = {
        driver: "server",
        address: "203.0.113.7",
        hostKey: HOST_KEY,
        privateKey: "-----BEGIN OPENSSH PRIVATE KEY-----\nhunter2\n",
    };

    it("fills in root and port 22, and leaves updates to the owner", () => {
        const defaults = { user: "root", sshPort: 22, securityUpdates: false };
        expect(parse({ place: SERVER })?.place).toMatchObject(defaults);
    });

    it("wants a host key, so that no connection is trusted blindly", () => {
        expect(linesOf({ place: { ...SERVER, hostKey: undefined } })[1]).toBe(
            "regions[0].place.hostKey must be a line such as ecdsa-sha2-nistp256 AAAAE2Vj…: got nothing",
        );
    });

    it("never prints the private key", () => {
        const text = linesOf({ place: { ...SERVER, privateKey: "hunter2" } }).join("\n");
        expect(text).toContain("regions[0].place.privateKey must be a private key");
        expect(text).not.toContain("hunter2");
    });

    it.each([
        ["address", { ...SERVER, ipv6Address: "2001:db8::8" }, "203.0.113.7"],
        ["ipv6Address", { ...SERVER, address: "203.0.113.8" }, "2001:db8::7"],
    ])("refuses two regions on one server: %s", (key, other, taken) => {
        const place = { ...SERVER, ipv6Address: "2001:db8::7" };
        const second = { ipv6Address: "2001:db8::7", ...other };
        const raw = [
            rawRegion({ certificate: undefined, place }),
            rawRegion({ certificate: undefined, place: second, name: "b", regionId: 902 }),
        ];
        expect(() => parseRegions(raw, SOURCE)).toThrow(
            `regions[1].place.${key} must be unique: ${taken} is already used by region hangzhou`,
        );
    });

    it.each([
        ...["203.0.113.7", "fe80::7", "fd00::7", "::1", "::ffff:203.0.113.7"],
        ...["2001:DB8::7", "2001:db8:0:0::7", "2001:db8::7%eth0", "2001:db8::/64"],
    ])("refuses %s as the public IPv6 address", (ipv6Address) => {
        expect(linesOf({ place: { ...SERVER, ipv6Address } })).toEqual([
            "1 problem in the configuration of stack prod",
            "regions[0].place.ipv6Address must be a global unicast IPv6 address in its shortest form, " +
                `such as 2001:db8::7: got "${ipv6Address}"`,
            `${SET} --path 'derp:regions[0].place.ipv6Address' 2001:db8::7`,
        ]);
    });
});

describe("parseRegions() of DNS", () => {
    const dns = { provider: "alidns", zone: "example.com" };
    const certificate = { mode: "pinned" };

    it("takes the records of one cloud for a machine in another", () => {
        const env = { ...SOURCE.env, ...TENCENT_ENV };
        const hostname = "can.derp.example.com";
        expect(linesOf({ place: TENCENT, hostname, dns, certificate }, { ...SOURCE, env })).toEqual(
            [],
        );
    });

    it.each(["example.org", "example.com.cn", "example.co.uk"])(
        "refuses a hostname outside the zone: %s",
        (zone) => {
            const hostname = `derp.${zone}`;
            expect(linesOf({ place: ALICLOUD, hostname, dns, certificate })).toEqual([
                "1 problem in the configuration of stack prod",
                `regions[0].dns.zone must be the domain of the hostname ${hostname}: got example.com`,
                `${SET} --path 'derp:regions[0].dns.zone' ${zone}`,
            ]);
        },
    );

    it("refuses a zone that is only the end of another word", () => {
        expect(
            linesOf({ place: ALICLOUD, hostname: "notexample.com", dns, certificate })[1],
        ).toContain("must be the domain of the hostname notexample.com");
    });

    it("wants a hostname", () => {
        expect(linesOf({ place: ALICLOUD, dns })).toEqual([
            "1 problem in the configuration of stack prod",
            "regions[0].hostname must be given with dns: a name in example.com, got nothing",
            `${SET} --path 'derp:regions[0].hostname' derp.example.com`,
        ]);
    });

    it("wants a certificate mode to be chosen with a hostname", () => {
        expect(linesOf({ place: ALICLOUD, hostname: "derp.example.com" })).toEqual([
            "1 problem in the configuration of stack prod",
            'regions[0].certificate must be "pinned", "letsencrypt", "certbot", "files" or "provided" with a hostname: got nothing',
            `${SET} --path 'derp:regions[0].certificate.mode' pinned`,
        ]);
    });
});
