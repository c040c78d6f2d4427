import { parseRegionId } from "../../../components/derp-map/region-id";
import { makeProvider } from "../../../components/relay-check/provider";
import { makeCertificate } from "../../support/certificates";
import { bindingResponse, startFakeRelay, startFakeStun } from "../../support/fake-relay";

/** Nothing answers there; nor does a name service know it. */
const NODE = {
    ...{ Name: "900a", RegionID: parseRegionId(900) },
    ...{ HostName: "nowhere.invalid", IPv4: "127.0.0.1", STUNPort: 9 },
};
const ONCE = { node: NODE, machineId: "ins-1" };
const CHECK = { ...ONCE, digest: "a" };
/** It asks once. */
const provider = makeProvider(0);

describe("provider of RelayCheck", () => {
    it.each([
        ["node", { node: { ...NODE, DERPPort: 8443 } }],
        ["machine", { machineId: "ins-2" }],
        ["digest", { digest: "b" }],
    ])("checks again for another %s", async (_name, changed) => {
        const diff = await provider.diff("id", CHECK, { ...CHECK, ...changed });
        expect(diff).toEqual({ changes: true });
    });

    it("checks a machine once where that is wanted, whatever becomes of its address", async () => {
        const old = { ...ONCE, address: "192.0.2.1" };
        const moved = { ...old, address: "192.0.2.2", node: { ...NODE, DERPPort: 8443 } };
        expect(await provider.diff("id", old, moved)).toEqual({ changes: false });
        const next = { ...old, machineId: "ins-2" };
        expect(await provider.diff("id", old, next)).toEqual({ changes: true });
    });

    it("says what is missing, and fails when that lasts", async () => {
        const write = jest.spyOn(process.stdout, "write").mockImplementation(() => true);
        await expect(provider.create(ONCE)).rejects.toThrow(/ must serve within 0 s: /);
        const said = write.mock.calls.map(([text]) => text);
        write.mockRestore();
        expect(said).toEqual([expect.stringMatching(/^waiting for 127\.0\.0\.1: .*\n$/)]);
    });

    it("asks at another address than clients, where that is wanted", async () => {
        const relay = await startFakeRelay(makeCertificate({ name: "DNS:relay.test" }), "admits", {
            address: "127.0.0.2",
        });
        const stun = await startFakeStun(bindingResponse, { address: "127.0.0.2" });
        const state = {
            ...{ ...ONCE, address: "127.0.0.2" },
            node: { ...relay.node, HostName: "relay.test", STUNPort: stun.port },
        };
        try {
            expect((await provider.create(state)).outs).toEqual(state);
            await expect(provider.create({ ...state, address: "127.0.0.1" })).rejects.toThrow(
                /127\.0\.0\.1:\d+\/tcp: connect ECONNREFUSED /,
            );
        } finally {
            stun.close();
            await relay.close();
        }
    });
});
