import { EngineStack, NO_MACHINE } from "../support/engine-stack";

jest.setTimeout(30 * 60_000);

const REGION = {
    name: "shanghai",
    regionId: "901",
    hostname: "sha.derp.example.com",
    "place.driver": "alicloud",
    "place.zone": "cn-shanghai-b",
    "place.ssh.allowFrom[0]": "203.0.113.7/32",
    "dns.provider": "alidns",
    "dns.zone": "example.com",
    "certificate.mode": "pinned",
    "verify.mode": "none",
};
const RULES_FOR_ALL = ["icmp", "tcp 443", "tcp 80", "udp 3478"];

describe("a region at Alibaba Cloud with IPv6", () => {
    let stack: EngineStack;

    const up = async () => {
        const { code, stdout, stderr } = await stack.up(...NO_MACHINE);
        expect([code, stderr, code === 0 ? "" : stdout]).toEqual([0, "", ""]);
    };
    const only = (type: string) => {
        const found = stack.cloud.objects(type);
        expect(found).toHaveLength(1);
        return found[0];
    };
    const idOf = (type: string) => only(type)?.id;
    const addressOfMachine = () => (only("Instance")?.facts.ipv6Addresses as string[])[0];
    const records = (): unknown =>
        Object.fromEntries(
            stack.cloud.objects("AlidnsRecord").map(({ inputs }) => [inputs.type, inputs.value]),
        );
    const openTo = (key: "cidrIp" | "ipv6CidrIp", range: string) =>
        stack.cloud
            .objects("SecurityGroupRule")
            .filter(({ inputs }) => inputs[key] === range)
            .map(({ inputs }) => {
                const [port] = String(inputs.portRange).split("/");
                return `${String(inputs.ipProtocol)} ${port ?? ""}`.replace(" -1", "");
            })
            .toSorted();
    /** Whether the internet reaches the machine's address: the bandwidth is that of its address. */
    const expectReachable = () => {
        const [id] = only("Instance")?.facts.ipv6AddressIds as string[];
        expect(only("Ipv6InternetBandwidth")?.inputs).toMatchObject({
            ipv6AddressId: id,
            ipv6GatewayId: idOf("Ipv6Gateway"),
        });
        expect(records()).toEqual({
            A: only("EipAddress")?.facts.ipAddress,
            AAAA: addressOfMachine(),
        });
    };

    beforeAll(async () => {
        stack = await EngineStack.create();
        await stack.configure(REGION);
    });

    afterAll(() => stack.remove());

    it("gets it later: network and address stay, the machine is another one", async () => {
        await up();
        const kept = ["Network", "Switch", "EipAddress", "SecurityGroup"];
        const before = kept.map(idOf);
        const machine = idOf("Instance");
        expect(stack.cloud.objects("Ipv6Gateway")).toEqual([]);
        expect(openTo("ipv6CidrIp", "::/0")).toEqual([]);

        await stack.set("[0].place.ipv6", "true");
        const { code, stdout } = await stack.preview(...NO_MACHINE);
        expect([code, code === 0 ? "" : stdout]).toEqual([0, ""]);
        await up();
        expect(kept.map(idOf)).toEqual(before);
        expect(idOf("Instance")).not.toBe(machine);
        expectReachable();
        expect(openTo("cidrIp", "0.0.0.0/0")).toEqual(RULES_FOR_ALL);
        expect(openTo("ipv6CidrIp", "::/0")).toEqual(
            RULES_FOR_ALL.map((rule) => rule.replace("icmp", "icmpv6")),
        );
    });

    it("previews nothing when nothing changed", async () => {
        const { code, stdout } = await stack.preview(...NO_MACHINE, "--expect-no-changes");
        expect([code, code === 0 ? "" : stdout]).toEqual([0, ""]);
    });

    it("changes the bandwidth of both addresses in place", async () => {
        const id = idOf("Ipv6InternetBandwidth");
        await stack.set("[0].bandwidthMbps", "20");
        await up();
        expect(only("Ipv6InternetBandwidth")).toMatchObject({ id, inputs: { bandwidth: 20 } });
        expect(only("EipAddress")?.inputs.bandwidth).toBe("20");
    });

    it("pays another way: the same address has another bandwidth, never two", async () => {
        const before = addressOfMachine();
        await stack.set("[0].place.internetCharge", "bandwidth");
        await up();
        expect(addressOfMachine()).toBe(before);
        expect(only("Ipv6InternetBandwidth")?.inputs.internetChargeType).toBe("PayByBandwidth");
        expectReachable();
    });

    it("gives another machine's address bandwidth of its own, and the record follows", async () => {
        const before = addressOfMachine();
        await stack.set("[0].place.zone", "cn-shanghai-l");
        await up();
        expect(addressOfMachine()).not.toBe(before);
        expectReachable();
    });

    it("loses it again without another machine", async () => {
        const machine = idOf("Instance");
        await stack.set("[0].place.ipv6", "false");
        await up();
        expect(idOf("Instance")).toBe(machine);
        expect(stack.cloud.objects("Ipv6InternetBandwidth")).toEqual([]);
        expect(stack.cloud.objects("Ipv6Gateway")).toEqual([]);
        expect(openTo("ipv6CidrIp", "::/0")).toEqual([]);
        expect(records()).toEqual({ A: only("EipAddress")?.facts.ipAddress });
    });

    it("can be destroyed", async () => {
        await stack.set("[0].place.ipv6", "true");
        await up();
        const { code, stdout } = await stack.destroy();
        expect([code, code === 0 ? "" : stdout]).toEqual([0, ""]);
        expect(stack.cloud.objects()).toEqual([]);
    });
});
