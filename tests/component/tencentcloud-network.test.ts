import { deployRegion } from "../support/cloud-regions";

const PLACE = { driver: "tencentcloud", zone: "ap-guangzhou-3" };
const GROUP = "tencentcloud:index/securityGroup:SecurityGroup";
const RULES = "tencentcloud:index/securityGroupRuleSet:SecurityGroupRuleSet";

describe("the network of a DerpRegion at Tencent Cloud", () => {
    it("is one of the region's own", async () => {
        const { inputsOf } = await deployRegion({ place: PLACE });
        expect(inputsOf("tencentcloud:index/vpc:Vpc")).toEqual({
            name: "derp-hangzhou",
            cidrBlock: "10.64.0.0/16",
        });
        expect(inputsOf("tencentcloud:index/subnet:Subnet")).toEqual({
            name: "derp-hangzhou",
            vpcId: "hangzhou-id",
            availabilityZone: "ap-guangzhou-3",
            cidrBlock: "10.64.3.0/24",
        });
    });

    it("has two security groups, whose names say which closes last", async () => {
        const { inputsOf } = await deployRegion({ place: PLACE });
        expect(inputsOf(GROUP)).toEqual({ name: "derp-hangzhou" });
        expect(inputsOf(GROUP, "hangzhou.late")).toEqual({
            name: "derp-hangzhou-late",
            description: "what closes last when ports change",
        });
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
});
