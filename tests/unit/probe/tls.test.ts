import { probeTls } from "../../../components/probe/tls";
import { makeCertificate, type PemPair } from "../../support/certificates";
import { startFakeRelay } from "../../support/fake-relay";

const NAME = "IP:127.0.0.1";

const probe = async (pair: PemPair, changes: { CertName?: string } = {}) => {
    const relay = await startFakeRelay(pair);
    try {
        return await probeTls({ ...relay.node, ...changes }, 2000);
    } finally {
        await relay.close();
    }
};

describe("probeTls()", () => {
    it("accepts the pinned certificate and counts its days", async () => {
        const result = await probe(makeCertificate({ name: NAME }));
        expect(result).toMatchObject({ ok: true, warning: false });
        expect(result).toHaveProperty(
            "detail",
            expect.stringMatching(/^certificate is pinned, \d{4} days left$/),
        );
    });

    it("refuses another certificate than the pinned one, and names both", async () => {
        const CertName = `sha256-raw:${"0".repeat(64)}`;
        const result = await probe(makeCertificate({ name: NAME }), { CertName });
        expect(result).toHaveProperty(
            "reason",
            expect.stringMatching(
                `^the relay's certificate must be ${CertName}: got sha256-raw:[0-9a-f]{64}$`,
            ),
        );
    });

    it("refuses an expired certificate, although its pin is right", async () => {
        const pair = makeCertificate({ name: NAME, notAfter: "20260101000000Z" });
        expect(await probe(pair)).toEqual({
            ok: false,
            reason: "the relay's certificate has expired on Jan  1 00:00:00 2026 GMT",
        });
    });

    it("refuses a certificate that is not valid yet", async () => {
        const pair = makeCertificate({ name: NAME, notBefore: "20440101000000Z" });
        expect(await probe(pair)).toEqual({
            ok: false,
            reason: "the relay's certificate is not valid before Jan  1 00:00:00 2044 GMT",
        });
    });

    it("refuses a certificate that nobody vouches for when there is no pin", async () => {
        const relay = await startFakeRelay(makeCertificate({ name: NAME }));
        const { CertName, ...node } = relay.node;
        expect(CertName).toMatch(/^sha256-raw:/);
        expect(await probeTls(node, 2000)).toEqual({
            ok: false,
            reason: "self-signed certificate",
        });
        await relay.close();
    });

    it("says so when nothing listens", async () => {
        const relay = await startFakeRelay(makeCertificate({ name: NAME }));
        await relay.close();
        const port = String(relay.node.DERPPort);
        expect(await probeTls(relay.node, 2000)).toEqual({
            ok: false,
            reason: `connect ECONNREFUSED 127.0.0.1:${port}`,
        });
    });
});
