import * as invoke from "@pulumi/alicloud/vpc/getIpv6Addresses";
import * as pulumi from "@pulumi/pulumi";

import { openIpv6 } from "../../../../components/drivers/alicloud/ipv6";
import { deploy } from "../../../support/mocks";

/** What the cloud answers, at once: nobody can wait for an output that fails. */
const ANSWER = {
    apply: (work: (found: object) => unknown) => work({ addresses: [] }),
} as unknown as ReturnType<typeof invoke.getIpv6AddressesOutput>;
const ACCESS = { bandwidth: 5, internetChargeType: "PayByTraffic" };

describe("openIpv6()", () => {
    const instance = { id: pulumi.output("i-1") };
    const open = () =>
        openIpv6("shanghai", { ...ACCESS, instance, gatewayId: pulumi.output("ipv6gw-1") }, {});

    it("fails when the cloud shows no address of the machine, and says what helps", async () => {
        const asked = jest.spyOn(invoke, "getIpv6AddressesOutput").mockReturnValue(ANSWER);
        const deployed = deploy(open);
        await expect(deployed).rejects.toBeInstanceOf(pulumi.RunError);
        await expect(deployed).rejects.toThrow(
            new Error(
                "the machine of region shanghai must have an IPv6 address: the cloud shows none. " +
                    "Fix: run pulumi up again; if that does not help, choose another place.instanceType",
            ),
        );
        const one = { associatedInstanceId: instance.id, status: "Available" };
        expect(asked.mock.calls[0]).toEqual([one, {}]);
        asked.mockRestore();
    });

    it("asks for nothing without IPv6", () => {
        const asked = jest.spyOn(invoke, "getIpv6AddressesOutput");
        const address = openIpv6("shanghai", { ...ACCESS, instance, gatewayId: undefined }, {});
        expect(address).toBeUndefined();
        expect(asked).not.toHaveBeenCalled();
        asked.mockRestore();
    });
});
