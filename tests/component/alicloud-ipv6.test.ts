import { deployRegion } from "../support/cloud-regions";

const PLACE = {
    driver: "alicloud",
    zone: "cn-shanghai-b",
    ssh: { allowFrom: ["203.0.113.7/32"] },
};
const INSTANCE = "alicloud:ecs/instance:Instance";
const NETWORK = "alicloud:vpc/network:Network";
const SWITCH = "alicloud:vpc/switch:Switch";
const RULE = "alicloud:ecs/securityGroupRule:SecurityGroupRule";
const GATEWAY = "alicloud:vpc/ipv6Gateway:Ipv6Gateway";
const BANDWIDTH = "alicloud:vpc/ipv6InternetBandwidth:Ipv6InternetBandwidth";
const RECORD = "alicloud:dns/alidnsRecord:AlidnsRecord";
const CHECK = "pulumi-nodejs:dynamic/derp:RelayCheck";

describe("DerpRegion at Alibaba Cloud with IPv6", () => {
    it.each([
        ["with SSH", PLACE],
        ["without SSH", { ...PLACE, ssh: undefined }],
    ])(
        "makes a gateway, bandwidth and a rule for each port beside what it makes otherwise, %s",
        async (_, place) => {
            const without = await deployRegion({ place });
            const { list } = await deployRegion({ place: { ...place, ipv6: true } });
            expect(list.filter((line) => !without.list.includes(line))).toEqual([
                `${RULE} hangzhou-icmp-ipv6`,
                `${RULE} hangzhou-tcp-443-ipv6`,
                `${RULE} hangzhou-tcp-80-ipv6`,
                `${RULE} hangzhou-udp-3478-ipv6`,
                `${GATEWAY} hangzhou`,
                `${BANDWIDTH} hangzhou`,
            ]);
            expect(without.list.filter((line) => !list.includes(line))).toEqual([]);
        },
    );

    it("asks for nothing of IPv6 without it", async () => {
        const { inputsOf } = await deployRegion({ place: { ...PLACE, ipv6: false } });
        const asked = [NETWORK, SWITCH, INSTANCE].map((type) => inputsOf(type));
        expect(asked.flatMap((inputs) => Object.keys(inputs))).not.toContainEqual(
            expect.stringMatching(/ipv6/i),
        );
        expect(inputsOf(CHECK).node).not.toHaveProperty("IPv6");
    });

    it("asks for addresses of the network, of the zone's part of it, and of the machine", async () => {
        const { inputsOf } = await deployRegion({ place: { ...PLACE, ipv6: true } });
        expect(inputsOf(NETWORK)).toEqual({
            vpcName: "derp-hangzhou",
            cidrBlock: "10.64.0.0/16",
            enableIpv6: true,
        });
        expect(inputsOf(SWITCH)).toEqual({
            vswitchName: "derp-hangzhou",
            vpcId: "hangzhou-id",
            zoneId: "cn-shanghai-b",
            cidrBlock: "10.64.11.0/24",
            enableIpv6: true,
            ipv6CidrBlockMask: 11,
        });
        expect(inputsOf(INSTANCE)).toMatchObject({ ipv6AddressCount: 1 });
        expect(inputsOf(GATEWAY)).toEqual({
            ipv6GatewayName: "derp-hangzhou",
            vpcId: "hangzhou-id",
        });
    });

    it("opens the same ports over IPv6, but SSH to those who were named only", async () => {
        const { inputsOf } = await deployRegion({ place: { ...PLACE, ipv6: true } });
        const rule = { securityGroupId: "hangzhou-id", type: "ingress", nicType: "intranet" };
        expect(inputsOf(RULE, "hangzhou-tcp-443-ipv6")).toEqual({
            ...rule,
            ipProtocol: "tcp",
            portRange: "443/443",
            ipv6CidrIp: "::/0",
            description: "DERP over TLS",
        });
        expect(inputsOf(RULE, "hangzhou-icmp-ipv6")).toEqual({
            ...rule,
            ipProtocol: "icmpv6",
            portRange: "-1/-1",
            ipv6CidrIp: "::/0",
            description: "ping",
        });
    });

    it.each([
        [{}, { bandwidth: 5, internetChargeType: "PayByTraffic" }],
        [
            { place: { ...PLACE, ipv6: true, internetCharge: "bandwidth" }, bandwidthMbps: 30 },
            { bandwidth: 30, internetChargeType: "PayByBandwidth" },
        ],
    ])(
        "pays for the address's traffic as for that of the elastic one: %j",
        async (changes, expected) => {
            const { inputsOf } = await deployRegion({
                place: { ...PLACE, ipv6: true },
                ...changes,
            });
            expect(inputsOf(BANDWIDTH)).toEqual({
                ipv6AddressId: "ipv6-10",
                ipv6GatewayId: "hangzhou-id",
                ...expected,
            });
        },
    );

    it("tells clients both addresses, and makes both records", async () => {
        const { inputsOf } = await deployRegion({
            place: { ...PLACE, ipv6: true },
            hostname: "sha.derp.example.com",
            certificate: { mode: "files" },
            dns: { provider: "alidns", zone: "example.com" },
        });
        expect(inputsOf(CHECK).node).toMatchObject({
            IPv4: "203.0.113.10",
            IPv6: "2001:db8::10",
        });
        const record = { domainName: "example.com", rr: "sha.derp", ttl: 600 };
        expect(inputsOf(RECORD)).toEqual({ ...record, type: "A", value: "203.0.113.10" });
        expect(inputsOf(RECORD, "hangzhou.ipv6")).toEqual({
            ...record,
            type: "AAAA",
            value: "2001:db8::10",
        });
    });
});
