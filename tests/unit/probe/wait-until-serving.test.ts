import type { DerpNode } from "../../../components/derp-map/types";
import { waitUntilServing } from "../../../components/probe/wait-until-serving";
import { makeCertificate } from "../../support/certificates";
import { bindingResponse, startFakeRelay, startFakeStun } from "../../support/fake-relay";

const pair = makeCertificate({ name: "IP:127.0.0.1" });

/** Waits for a relay that serves over IPv4. */
const wait = async (changes: Partial<DerpNode>) => {
    const relay = await startFakeRelay(pair);
    const stun = await startFakeStun(bindingResponse);
    const node = { ...relay.node, STUNPort: stun.port, ...changes };
    try {
        return await waitUntilServing(node, { timeoutMs: 100 });
    } finally {
        stun.close();
        await relay.close();
    }
};

describe("waitUntilServing()", () => {
    it.each([{}, { IPv6: "none" }])(
        "has nothing left to find out of a relay with %j",
        async (it) => {
            expect(await wait(it)).toEqual([]);
        },
    );

    it("says once what this computer cannot find out", async () => {
        expect(await wait({ IPv6: "fe80::7" })).toEqual(["this computer has no IPv6 (EINVAL)"]);
    });

    it("fails with the reason for a relay that does not answer all of it", async () => {
        await expect(wait({ STUNPort: 9, IPv6: "fe80::7" })).rejects.toThrow(
            /^the relay 127\.0\.0\.1 \(127\.0\.0\.1:\d+\) must serve within 0 s: .*127\.0\.0\.1:9\/udp/,
        );
    });
});
