import { probeDerp } from "../../../components/probe/derp";
import { makeCertificate } from "../../support/certificates";
import { type Manner, startFakeRelay } from "../../support/fake-relay";

const pair = makeCertificate({ name: "IP:127.0.0.1" });

const probe = async (manner: Manner) => {
    const relay = await startFakeRelay(pair, manner);
    try {
        return await probeDerp(relay.node, 2000);
    } finally {
        await relay.close();
    }
};

describe("probeDerp()", () => {
    it("logs in to a relay that admits everyone", async () => {
        expect(await probe("admits")).toEqual({
            ok: true,
            detail: "handshake done; any client may use the relay",
        });
    });

    it("takes a refusal after the relay's own proof as verification", async () => {
        expect(await probe("refuses")).toEqual({
            ok: true,
            detail: "the relay verifies its clients: a stranger is refused",
        });
    });

    it("refuses a greeting that is sealed with another key", async () => {
        expect(await probe("seals with another key")).toEqual({
            ok: false,
            reason: "the relay's greeting must be sealed with its key: it is not",
        });
    });

    it("refuses a server that speaks something else", async () => {
        expect(await probe("talks garbage")).toEqual({
            ok: false,
            reason: "the server's first frame must be DERP's: it is not",
        });
    });

    it("refuses a frame that no relay would send", async () => {
        expect(await probe("sends a huge frame")).toEqual({
            ok: false,
            reason: "a frame must be at most 65536 bytes: got 4294967295",
        });
    });
});
