import {
    machineName,
    machineNames,
    networkNames,
    stackOf,
} from "../../../../components/drivers/local/names";

describe("machineName()", () => {
    it("tells its stack apart from one whose name begins alike", () => {
        expect(machineName("hangzhou", "local")).toBe("hangzhou.local");
        expect(stackOf(machineName("a", "local.b"))).toBe("local.b");
    });
});

describe("machineNames()", () => {
    it("keeps all that belongs to a machine in one folder", () => {
        const names = machineNames("hangzhou.local");
        expect(names).toEqual({
            machine: "hangzhou.local",
            folder: "/var/lib/derp-relay/machines/hangzhou.local",
            rootfs: "/var/lib/derp-relay/machines/hangzhou.local/rootfs",
            console: "/var/lib/derp-relay/machines/hangzhou.local/console.log",
            unit: "derp-relay-hangzhou.local.service",
        });
    });
});

describe("networkNames()", () => {
    it("names one bridge for a whole /24, within the 15 characters of Linux", () => {
        expect(networkNames("192.168.255.7")).toEqual({
            bridge: "derp-c0a8ff",
            table: "derp_relay_c0a8ff",
            gateway: "192.168.255.1",
            subnet: "192.168.255.0/24",
        });
        expect(networkNames("192.168.255.8").bridge).toBe("derp-c0a8ff");
    });
});
