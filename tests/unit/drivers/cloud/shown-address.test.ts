import * as pulumi from "@pulumi/pulumi";

import { shownAddress } from "../../../../components/drivers/cloud/shown-address";
import { deploy } from "../../../support/mocks";

const SEEKER = {
    name: "canton",
    urn: "urn:pulumi:test::derp::Instance::canton",
    again: "--refresh",
};

describe("shownAddress()", () => {
    it("is the first that the cloud shows, as people write it", () => {
        const shown = ["2402:4E00:0020:1003:0000:0000:0000:0010", "2402:4e00:20:1003::11"];
        expect(shownAddress(shown, SEEKER)).toBe("2402:4e00:20:1003::10");
    });

    it.each([[[]], [undefined]])(
        "fails when the cloud shows %j, and says what helps",
        async (shown) => {
            const none = deploy(() => shownAddress(shown, SEEKER));
            await expect(none).rejects.toBeInstanceOf(pulumi.RunError);
            await expect(none).rejects.toThrow(
                new Error(
                    "the machine of region canton must have an IPv6 address: the cloud shows none. " +
                        "Fix: run pulumi up --stack test --refresh; if that does not help, leave out place.ipv6, or " +
                        "set another place.instanceType and run " +
                        "pulumi up --stack test --replace 'urn:pulumi:test::derp::Instance::canton'",
                ),
            );
        },
    );
});
