import { deployRegion } from "../support/cloud-regions";

const PLACE = { driver: "alicloud", zone: "cn-shanghai-b" };
const SSH = { ssh: { allowFrom: ["203.0.113.7/32", "198.51.100.0/24"] } };
const RULE = "alicloud:ecs/securityGroupRule:SecurityGroupRule";

describe("the network of a DerpRegion at Alibaba Cloud", () => {
    it("is one of the region's own, where machines do not reach each other", async () => {
        const { inputsOf } = await deployRegion({ place: PLACE });
        expect(inputsOf("alicloud:vpc/network:Network")).toEqual({
            vpcName: "derp-hangzhou",
            cidrBlock: "10.64.0.0/16",
        });
        expect(inputsOf("alicloud:vpc/switch:Switch")).toEqual({
            vswitchName: "derp-hangzhou",
            vpcId: "hangzhou-id",
            zoneId: "cn-shanghai-b",
            cidrBlock: "10.64.11.0/24",
        });
        expect(inputsOf("alicloud:ecs/securityGroup:SecurityGroup")).toEqual({
            securityGroupName: "derp-hangzhou",
            vpcId: "hangzhou-id",
            innerAccessPolicy: "Drop",
        });
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

    it("opens SSH to its ranges, and to nobody else", async () => {
        const { list, inputsOf } = await deployRegion({ place: { ...PLACE, ...SSH } });
        const rules = ["198.51.100.0/24", "203.0.113.7/32"].map((cidrIp) => ({
            name: `hangzhou-tcp-22-${cidrIp.replace("/", "-")}`,
            cidrIp,
        }));
        expect(list.filter((line) => line.includes("tcp-22"))).toEqual(
            rules.map(({ name }) => `${RULE} ${name}`),
        );
        for (const { name, cidrIp } of rules) {
            expect(inputsOf(RULE, name)).toEqual({
                securityGroupId: "hangzhou-id",
                type: "ingress",
                ipProtocol: "tcp",
                nicType: "intranet",
                portRange: "22/22",
                cidrIp,
                description: "SSH",
            });
        }
    });
});
