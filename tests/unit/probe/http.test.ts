import { probePage } from "../../../components/probe/http";
import { makeCertificate } from "../../support/certificates";
import { startFakeRelay } from "../../support/fake-relay";

describe("probePage()", () => {
    it.each([
        ["", "HTTP 200, an empty page"],
        ["\n", "HTTP 200, an empty page"],
        ["<html><body>\n<h1>DERP</h1>", "HTTP 200, derper's home page"],
        ["<h1>Welcome</h1>", "HTTP 200, a page of the relay's own"],
    ])("tells of the page %j as what it is", async (page, detail) => {
        const pair = makeCertificate({ name: "IP:127.0.0.1" });
        const relay = await startFakeRelay(pair, "admits", { page });
        try {
            expect(await probePage(relay.node, 2000)).toEqual({ ok: true, detail });
        } finally {
            await relay.close();
        }
    });
});
