import { PREPARE } from "../../components/cloud-init/deliver";
import { deployRegion, openSecret } from "../support/cloud-regions";

const PLACE = {
    driver: "tencentcloud",
    zone: "ap-guangzhou-3",
    ssh: { allowFrom: ["203.0.113.7/32"] },
};
const INSTANCE = "tencentcloud:index/instance:Instance";
const RULES = "tencentcloud:index/securityGroupRuleSet:SecurityGroupRuleSet";
const WHOLE = "tencentcloud:index/vpcIpv6CidrBlock:VpcIpv6CidrBlock";
const PART = "tencentcloud:index/vpcIpv6SubnetCidrBlock:VpcIpv6SubnetCidrBlock";
const BANDWIDTH = "tencentcloud:index/ipv6AddressBandwidth:Ipv6AddressBandwidth";
const RECORD = "tencentcloud:index/dnspodRecord:DnspodRecord";
const COMMAND = "command:remote:Command";
const CHECK = "pulumi-nodejs:dynamic/derp:RelayCheck";

describe("DerpRegion at Tencent Cloud with IPv6", () => {
    it.each([
        ["with SSH", PLACE],
        ["without SSH", { ...PLACE, ssh: undefined }],
    ])("makes two ranges and bandwidth beside what it makes otherwise, %s", async (_, place) => {
        const without = await deployRegion({ place });
        const { list } = await deployRegion({ place: { ...place, ipv6: true } });
        expect(list.filter((line) => !without.list.includes(line))).toEqual([
            `${BANDWIDTH} hangzhou`,
            `${WHOLE} hangzhou`,
            `${PART} hangzhou`,
        ]);
        expect(without.list.filter((line) => !list.includes(line))).toEqual([]);
    });

    it("asks for nothing of IPv6 without it", async () => {
        const { inputsOf } = await deployRegion({ place: { ...PLACE, ipv6: false } });
        const asked = [INSTANCE, RULES, COMMAND].map((type) => inputsOf(type));
        expect(JSON.stringify(asked)).not.toMatch(/ipv6/i);
        expect(inputsOf(CHECK).node).not.toHaveProperty("IPv6");
    });

    it("gives the subnet the zone's part of what the VPC gets, and the machine an address of it", async () => {
        const { inputsOf, sourcesOf } = await deployRegion({ place: { ...PLACE, ipv6: true } });
        expect(inputsOf(WHOLE)).toEqual({ vpcId: "hangzhou-id" });
        expect(inputsOf(PART)).toEqual({
            vpcId: "hangzhou-id",
            ipv6SubnetCidrBlocks: {
                subnetId: "hangzhou-id",
                ipv6CidrBlock: "2001:db8:0:1203::/64",
            },
        });
        expect(inputsOf(INSTANCE)).toMatchObject({ ipv6AddressCount: 1 });
        // Made when the part is there, and gone before it.
        expect(await sourcesOf(INSTANCE, "subnetId")).toContain(`${PART} hangzhou`);
    });

    it("is another machine with IPv6 and without, because the cloud takes no address away", async () => {
        const triggers = [true, false].map(async (ipv6) => {
            const { optionsOf } = await deployRegion({ place: { ...PLACE, ipv6 } });
            return optionsOf(INSTANCE).replacementTrigger as unknown;
        });
        expect(await Promise.all(triggers)).toEqual(["ap-guangzhou with IPv6", "ap-guangzhou"]);
    });

    it("opens the same ports over IPv6, but SSH to those who were named only", async () => {
        const { inputsOf } = await deployRegion({ place: { ...PLACE, ipv6: true } });
        const accept = (range: object, protocol: string, description: string, port?: string) => ({
            ...{ action: "ACCEPT", ...range, protocol, description },
            ...(port === undefined ? {} : { port }),
        });
        const [all, all6] = [{ cidrBlock: "0.0.0.0/0" }, { ipv6CidrBlock: "::/0" }];
        const { ingresses, egresses } = inputsOf(RULES);
        expect(ingresses).toEqual([
            accept(all, "TCP", "DERP over TLS", "443"),
            accept(all6, "TCP", "DERP over TLS", "443"),
            accept(all, "UDP", "STUN", "3478"),
            accept(all6, "UDP", "STUN", "3478"),
            accept(all, "ICMP", "ping"),
            accept(all6, "ICMPV6", "ping"),
            accept(all, "TCP", "captive-portal check", "80"),
            accept(all6, "TCP", "captive-portal check", "80"),
            accept({ cidrBlock: "203.0.113.7/32" }, "TCP", "SSH", "22"),
        ]);
        expect(inputsOf(RULES, "hangzhou.late").ingresses).toEqual(ingresses);
        const everything = { action: "ACCEPT", protocol: "ALL", port: "ALL" };
        expect(egresses).toEqual([
            { ...everything, ...all },
            { ...everything, ...all6 },
        ]);
    });

    it.each([
        [{}, 5],
        [{ bandwidthMbps: 30 }, 30],
        // There is no other way to pay over IPv6.
        [{ bandwidthMbps: 100, place: { ...PLACE, ipv6: true, internetCharge: "bandwidth" } }, 100],
    ])(
        "pays for the address's traffic by the gigabyte, up to a limit: %j",
        async (changes, limit) => {
            const { inputsOf } = await deployRegion({
                place: { ...PLACE, ipv6: true },
                ...changes,
            });
            expect(inputsOf(BANDWIDTH)).toEqual({
                ipv6Address: "2001:db8:0:1203::10",
                internetMaxBandwidthOut: limit,
                internetChargeType: "TRAFFIC_POSTPAID_BY_HOUR",
            });
        },
    );

    it.each([
        ["with SSH", PLACE],
        ["without SSH", { ...PLACE, ssh: undefined }],
    ])("tells the machine its address before it installs the relay, %s", async (_, place) => {
        const without = (await deployRegion({ place })).inputsOf(COMMAND);
        const command = (await deployRegion({ place: { ...place, ipv6: true } })).inputsOf(COMMAND);
        // The script is no part of what diffs and errors show.
        expect(String(command.create).replace(PREPARE, "")).toBe(without.create);
        expect(command.create).not.toBe(without.create);
        const [script = "", ...payload] = String(openSecret(command.stdin)).split("\n");
        expect(payload).toEqual([openSecret(without.stdin)]);
        expect(Buffer.from(script, "base64").toString()).toContain(
            "'ADDRESS=2001:db8:0:1203::10' 'GATEWAY=fe80::feee:ffff:feff:ffff'",
        );
    });

    it.each([
        ["with SSH", PLACE, "pinned"],
        ["where an authority has to find it", { ...PLACE, ssh: undefined }, "letsencrypt"],
    ])(
        "leaves the elastic address where it serves until the machine has its way out, %s",
        async (_, place, mode) => {
            const { awaitedBy } = await deployRegion({
                place: { ...place, ipv6: true },
                hostname: "can.derp.example.com",
                certificate: { mode },
            });
            expect(awaitedBy("tencentcloud:index/eipAssociation:EipAssociation")).toContain(
                `${BANDWIDTH} hangzhou`,
            );
        },
    );

    it("tells clients both addresses, and makes both records", async () => {
        const { inputsOf } = await deployRegion({
            place: { ...PLACE, ipv6: true },
            hostname: "can.derp.example.com",
            certificate: { mode: "files" },
            dns: { provider: "dnspod", zone: "example.com" },
        });
        expect(inputsOf(CHECK).node).toMatchObject({
            IPv4: "198.51.100.10",
            IPv6: "2001:db8:0:1203::10",
        });
        const record = { domain: "example.com", subDomain: "can.derp" };
        expect(inputsOf(RECORD)).toMatchObject({
            ...record,
            ...{ recordType: "A", value: "198.51.100.10" },
        });
        expect(inputsOf(RECORD, "hangzhou.ipv6")).toMatchObject({
            ...record,
            ...{ recordType: "AAAA", value: "2001:db8:0:1203::10" },
        });
    });

    it.each([
        ["where the old machine serves meanwhile, after the new one", { mode: "pinned" }, true],
        [
            "where an authority has to find the machine, before it serves",
            { mode: "letsencrypt" },
            false,
        ],
    ])("%s, the record says its address", async (_, certificate, waits) => {
        const { sourcesOf } = await deployRegion({
            place: { ...PLACE, ssh: undefined, ipv6: true },
            hostname: "can.derp.example.com",
            certificate,
            dns: { provider: "dnspod", zone: "example.com" },
        });
        const sources = await sourcesOf(RECORD, "value", "hangzhou.ipv6");
        expect(sources).toContain(`${BANDWIDTH} hangzhou`);
        expect(sources.includes(`${COMMAND} hangzhou`)).toBe(waits);
    });
});
