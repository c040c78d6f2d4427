import * as pulumi from "@pulumi/pulumi";
import type { Instance } from "@pulumi/tencentcloud";

import { ipv6Script, openIpv6 } from "../../../../components/drivers/tencentcloud/ipv6";
import { deploy } from "../../../support/mocks";

/** A machine without an address, which it says at once: nobody can wait for an output that fails. */
const MACHINE = {
    ipv6Addresses: { apply: (work: (addresses: readonly string[]) => unknown) => work([]) },
} as unknown as Instance;

describe.each([
    ["ipv6Script()", () => ipv6Script("canton", MACHINE)],
    ["openIpv6()", () => openIpv6("canton", { instance: MACHINE, bandwidth: 5 }, {})],
])("%s", (_, work) => {
    it("fails when the cloud shows no address of the machine, and says what helps", async () => {
        const deployed = deploy(work);
        await expect(deployed).rejects.toBeInstanceOf(pulumi.RunError);
        await expect(deployed).rejects.toThrow(
            new Error(
                "the machine of region canton must have an IPv6 address: the cloud shows none. " +
                    "Fix: run pulumi up --refresh; if that does not help, choose another place.instanceType",
            ),
        );
    });
});
