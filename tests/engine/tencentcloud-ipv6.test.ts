import { EngineStack, NO_MACHINE } from "../support/engine-stack";

jest.setTimeout(30 * 60_000);

const REGION = {
    name: "guangzhou",
    regionId: "902",
    hostname: "can.derp.example.com",
    "place.driver": "tencentcloud",
    "place.zone": "ap-guangzhou-3",
    "place.ssh.allowFrom[0]": "203.0.113.7/32",
    "dns.provider": "dnspod",
    "dns.zone": "example.com",
    "certificate.mode": "pinned",
    "verify.mode": "none",
};
const RULES_FOR_ALL = ["ICMP", "TCP 443", "TCP 80", "UDP 3478"];
const OF_IPV6 = ["VpcIpv6CidrBlock", "VpcIpv6SubnetCidrBlock", "Ipv6AddressBandwidth"];

describe("a region at Tencent Cloud with IPv6", () => {
    let stack: EngineStack;

    const up = async (...args: readonly string[]) => {
        const { code, stdout, stderr } = await stack.up(...NO_MACHINE, ...args);
        expect([code, stderr, code === 0 ? "" : stdout]).toEqual([0, "", ""]);
    };
    const only = (type: string) => {
        const found = stack.cloud.objects(type);
        expect(found).toHaveLength(1);
        return found[0];
    };
    const idOf = (type: string) => only(type)?.id;
    const addressOfMachine = () => (only("Instance")?.facts.ipv6Addresses as string[])[0] ?? "";
    const records = (): unknown =>
        Object.fromEntries(
            stack.cloud
                .objects("DnspodRecord")
                .map(({ inputs }) => [inputs.recordType, inputs.value]),
        );
    /** What is open to a range. The group that changes last waits for the machine. */
    const openTo = (key: "cidrBlock" | "ipv6CidrBlock", range: string) =>
        (only("SecurityGroupRuleSet")?.inputs.ingresses as Record<string, string>[])
            .filter((rule) => rule[key] === range)
            .map(({ protocol = "", port = "" }) => `${protocol} ${port}`.trim())
            .toSorted();
    /** Whether the internet reaches the machine's address: the bandwidth is that of its address. */
    const expectReachable = () => {
        expect(only("Ipv6AddressBandwidth")?.inputs.ipv6Address).toBe(addressOfMachine());
        expect(records()).toEqual({ A: only("Eip")?.facts.publicIp, AAAA: addressOfMachine() });
    };

    /** What is made and deleted of a machine and its addresses, in order. */
    const steps = async (work: () => Promise<void>) => {
        const ofMachine = /(Instance|Ipv6CidrBlock|Ipv6SubnetCidrBlock|Ipv6AddressBandwidth)$/;
        const { length } = stack.cloud.operations();
        await work();
        return stack.cloud
            .operations()
            .slice(length)
            .filter(({ operation, type, error }) => {
                const isStep = operation === "create" || operation === "delete";
                return isStep && error === undefined && ofMachine.test(type);
            })
            .map(({ operation, type }) => `${operation} ${type.split(":").at(-1) ?? ""}`);
    };

    beforeAll(async () => {
        stack = await EngineStack.create();
        await stack.configure(REGION);
    });

    afterAll(() => stack.remove());

    it("gets it later: network and address stay, the machine is another one", async () => {
        await up();
        const kept = ["Vpc", "Subnet", "Eip"];
        const before = kept.map(idOf);
        const machine = idOf("Instance");
        expect(OF_IPV6.flatMap((type) => stack.cloud.objects(type))).toEqual([]);
        expect(openTo("ipv6CidrBlock", "::/0")).toEqual([]);

        await stack.set("[0].place.ipv6", "true");
        const { code, stdout } = await stack.preview(...NO_MACHINE);
        expect([code, code === 0 ? "" : stdout]).toEqual([0, ""]);
        await up();
        expect(kept.map(idOf)).toEqual(before);
        expect(idOf("Instance")).not.toBe(machine);
        expectReachable();
        expect(openTo("cidrBlock", "0.0.0.0/0")).toEqual(RULES_FOR_ALL);
        expect(openTo("ipv6CidrBlock", "::/0")).toEqual(
            RULES_FOR_ALL.map((rule) => rule.replace("ICMP", "ICMPV6")),
        );
    });

    it("previews nothing when nothing changed, also after a refresh", async () => {
        const refresh = await stack.pulumi(["refresh", "--yes", "--skip-preview"]);
        expect(refresh.code).toBe(0);
        const { code, stdout } = await stack.preview(...NO_MACHINE, "--expect-no-changes");
        expect([code, code === 0 ? "" : stdout]).toEqual([0, ""]);
    });

    it("changes the bandwidth of both addresses in place", async () => {
        const id = idOf("Ipv6AddressBandwidth");
        await stack.set("[0].bandwidthMbps", "20");
        await up();
        expect(only("Ipv6AddressBandwidth")).toMatchObject({
            ...{ id, inputs: { internetMaxBandwidthOut: 20 } },
        });
        expect(only("Eip")?.inputs.internetMaxBandwidthOut).toBe(20);
    });

    it("gives another machine's address bandwidth of its own, and the record follows", async () => {
        const before = addressOfMachine();
        await up(
            "--replace",
            "urn:pulumi:engine::derp::derp:index:DerpRegion$tencentcloud:index/instance:Instance::guangzhou",
        );
        expect(addressOfMachine()).not.toBe(before);
        expectReachable();
    });

    it("moves to another zone of the same VPC, with another part of its range", async () => {
        const [vpc, range] = ["Vpc", "VpcIpv6CidrBlock"].map(idOf);
        const before = only("VpcIpv6SubnetCidrBlock")?.inputs.ipv6SubnetCidrBlocks;
        await stack.set("[0].place.zone", "ap-guangzhou-6");
        expect(await steps(up)).toEqual([
            ...["create VpcIpv6SubnetCidrBlock", "create Instance", "create Ipv6AddressBandwidth"],
            ...["delete Ipv6AddressBandwidth", "delete Instance", "delete VpcIpv6SubnetCidrBlock"],
        ]);
        expect(["Vpc", "VpcIpv6CidrBlock"].map(idOf)).toEqual([vpc, range]);
        expect(only("VpcIpv6SubnetCidrBlock")?.inputs.ipv6SubnetCidrBlocks).not.toEqual(before);
        expectReachable();
    });

    it("loses it again with the machine, whose ranges go after it", async () => {
        const [machine, address] = ["Instance", "Eip"].map(idOf);
        await stack.set("[0].place.ipv6", "false");
        // The cloud may free addresses a little later than it deletes their machine.
        const error = "ResourceInUse";
        const type = "VpcIpv6SubnetCidrBlock";
        await stack.cloud.fail({ type, operation: "delete", error, times: 1 });
        const failed = await stack.up(...NO_MACHINE);
        expect(failed.code).not.toBe(0);
        expect(failed.stdout).toContain(error);
        expect(await steps(up)).toEqual([
            "delete VpcIpv6SubnetCidrBlock",
            "delete VpcIpv6CidrBlock",
        ]);
        expect(idOf("Instance")).not.toBe(machine);
        expect(idOf("Eip")).toBe(address);
        expect(OF_IPV6.flatMap((type) => stack.cloud.objects(type))).toEqual([]);
        expect(openTo("ipv6CidrBlock", "::/0")).toEqual([]);
        expect(records()).toEqual({ A: only("Eip")?.facts.publicIp });
    });

    it("says what the cloud says when it has no IPv6 there", async () => {
        const machine = idOf("Instance");
        await stack.set("[0].place.ipv6", "true");
        await stack.cloud.fail({
            ...{ type: "VpcIpv6CidrBlock", operation: "create" },
            error: "UnsupportedOperation",
        });
        const { code, stdout } = await stack.up(...NO_MACHINE);
        expect(code).not.toBe(0);
        expect(stdout).toContain("UnsupportedOperation");
        // The machine without it serves on.
        expect(idOf("Instance")).toBe(machine);
        expect(records()).toEqual({ A: only("Eip")?.facts.publicIp });
        await stack.cloud.heal();
    });

    it("keeps the machine without it when no other one can be made, and gets it when it can", async () => {
        const count = () => stack.cloud.objects().length;
        const serving = () => ({
            machine: idOf("Instance"),
            binding: only("EipAssociation")?.inputs,
            records: stack.cloud.objects("DnspodRecord"),
            open: openTo("cidrBlock", "0.0.0.0/0"),
            openToOperator: openTo("cidrBlock", "203.0.113.7/32"),
        });
        const [before, objects] = [serving(), count()];
        const error = "LimitExceeded.InstanceQuota";
        await stack.cloud.fail({ type: "Instance", operation: "create", error });
        const { code, stdout } = await stack.up(...NO_MACHINE);
        expect(code).not.toBe(0);
        expect(stdout).toContain(error);
        expect(serving()).toEqual(before);
        expect(before.open).toEqual(RULES_FOR_ALL);
        expect(stack.cloud.objects("Ipv6AddressBandwidth")).toEqual([]);
        await stack.cloud.heal();
        await up();
        expect(idOf("Instance")).not.toBe(before.machine);
        expectReachable();
        // What it takes, and its record.
        expect(count()).toBe(objects + OF_IPV6.length + 1);
    });

    it("leaves the address with the machine that serves when another one gets no bandwidth", async () => {
        const binding = () => only("EipAssociation")?.inputs;
        const before = binding();
        const error = "UnauthorizedOperation";
        await stack.cloud.fail({ type: "Ipv6AddressBandwidth", operation: "create", error });
        const { code, stdout } = await stack.up(
            ...[...NO_MACHINE, "--replace"],
            "urn:pulumi:engine::derp::derp:index:DerpRegion$tencentcloud:index/instance:Instance::guangzhou",
        );
        expect(code).not.toBe(0);
        expect(stdout).toContain(error);
        expect(binding()).toEqual(before);
        await stack.cloud.heal();
        await up();
        expectReachable();
    });

    it("can be destroyed", async () => {
        const { code, stdout } = await stack.destroy();
        expect([code, code === 0 ? "" : stdout]).toEqual([0, ""]);
        expect(stack.cloud.objects()).toEqual([]);
    });
});
