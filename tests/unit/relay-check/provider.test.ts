import { parseRegionId } from "../../../components/derp-map/region-id";
import { provider } from "../../../components/relay-check/provider";
import { makeCertificate } from "../../support/certificates";
import { bindingResponse, startFakeRelay, startFakeStun } from "../../support/fake-relay";

/** Nothing answers there; nor does a name service know it. */
const NODE = {
    ...{ Name: "900a", RegionID: parseRegionId(900) },
    ...{ HostName: "nowhere.invalid", IPv4: "127.0.0.1", STUNPort: 9 },
};
const ONCE = { node: NODE, machineId: "ins-1", limitSeconds: 0 };
const CHECK = { ...ONCE, digest: "a" };

describe("provider of RelayCheck", () => {
    it.each([
        ["node", { node: { ...NODE, DERPPort: 8443 } }, true],
        ["machine", { machineId: "ins-2" }, true],
        ["digest", { digest: "b" }, true],
        ["limit", { limitSeconds: 9 }, false],
    ])("checks again or not for another %s", async (_name, changed, changes) => {
        expect(await provider.diff("id", CHECK, { ...CHECK, ...changed })).toEqual({ changes });
    });

    it("checks a machine once where that is wanted, whatever becomes of its address", async () => {
        const old = { ...ONCE, address: "192.0.2.1" };
        const moved = { ...old, address: "192.0.2.2", node: { ...NODE, DERPPort: 8443 } };
        expect(await provider.diff("id", old, moved)).toEqual({ changes: false });
        const next = { ...old, machineId: "ins-2" };
        expect(await provider.diff("id", old, next)).toEqual({ changes: true });
    });

    /** What a check says in the progress of `pulumi up`, and how it ends. */
    const say = async (check: () => Promise<unknown>) => {
        const said: string[] = [];
        const write = jest.spyOn(process.stdout, "write").mockImplementation((text) => {
            said.push(String(text));
            return true;
        });
        const [end] = await Promise.allSettled([check()]);
        write.mockRestore();
        return { said, end };
    };

    it("goes on where what follows finds out why nothing answers", async () => {
        const state = { ...ONCE, onTimeout: "continue" } as const;
        const { said, end } = await say(() => provider.create(state));
        expect(end).toMatchObject({ value: { outs: state } });
        expect(said.at(-1)).toMatch(
            /^the relay nowhere\.invalid .* must serve within 0 s: .*\. Going on: its installer runs again, and says why\n$/,
        );
        await expect(provider.create(ONCE)).rejects.toThrow(
            /install\.log on the machine says why; .*pulumi up --replace/,
        );
    });

    it("says once where to look when it takes longer than most", async () => {
        let looks = 0;
        // Five minutes from one to the next.
        const now = jest.spyOn(Date, "now").mockImplementation(() => 5 * 60_000 * (looks += 1));
        const { said, end } = await say(() => provider.create({ ...CHECK, limitSeconds: 20 * 60 }));
        now.mockRestore();
        expect(end).toMatchObject({ status: "rejected" });
        expect(said).toEqual([
            expect.stringMatching(/^waiting for 127\.0\.0\.1: 127\.0\.0\.1:443\/tcp: /),
            "waiting for 127.0.0.1 for more than 12 minutes, where most take 2 to 10: " +
                "/var/lib/derp-relay/install.log on the machine says why; " +
                "a cloud's console shows it without SSH (docs/places.md)\n",
        ]);
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
                /127\.0\.0\.1:\d+\/tcp: connect ECONNREFUSED .*pulumi up --replace/,
            );
        } finally {
            stun.close();
            await relay.close();
        }
    });
});
