import { ipv6SubnetOf, subnetOf } from "../../../../components/drivers/cloud/subnet";

describe("subnetOf()", () => {
    it.each([
        ["ap-guangzhou-3", "10.64.3.0/24"],
        ["ap-shanghai-10", "10.64.36.0/24"],
        ["cn-shanghai-b", "10.64.11.0/24"],
    ])("gives zone %s a /24 of its own", (zone, range) => {
        expect(subnetOf(zone)).toBe(range);
    });
});

describe("ipv6SubnetOf()", () => {
    it.each([
        ["2402:4e00:20:1000::/56", "ap-guangzhou-3", "2402:4e00:20:1003::/64"],
        ["2402:4e00:20:ff00::/56", "ap-shanghai-10", "2402:4e00:20:ff24::/64"],
        // As clouds and people write them.
        ["2402:4e00:0020:1000:0000:0000:0000:0000/56", "ap-x-2", "2402:4e00:20:1002::/64"],
        ["2402:4e00:20::/56", "ap-x-4", "2402:4e00:20:4::/64"],
        ["2402:4e00::/56", "ap-x-4", "2402:4e00:0:4::/64"],
        ["2402:0:0:1000::/56", "ap-x-4", "2402:0:0:1004::/64"],
        ["2402:4e00:20:1000::/56", "ap-x-0", "2402:4e00:20:1000::/64"],
    ])("of %s gives zone %s the part %s", (range, zone, part) => {
        expect(ipv6SubnetOf(range, zone)).toBe(part);
    });
});
