import { createHash, X509Certificate } from "node:crypto";

import {
    checkCertificate,
    parseCertificate,
    pinOf,
} from "../../../components/certificates/certificate";
import { makeCertificate, openssl } from "../../support/certificates";

const HOST = "10.90.0.101";
const NOW = new Date("2026-11-23T12:00:00Z");
const CLOCK = "by this computer's clock it is Mon, 23 Nov 2026 12:00:00 GMT";
const good = makeCertificate({ name: `IP:${HOST}` });

describe("parseCertificate()", () => {
    it("sees that a self-signed certificate vouches for itself", () => {
        expect(parseCertificate(good.certificate)).toMatchObject({
            chain: [{ subject: "CN=test" }],
            selfSigned: true,
        });
    });

    it("sees it also where the certificate may sign no certificates, as those of `@pulumi/tls`", () => {
        const keyUsage = "critical,digitalSignature";
        const { certificate } = makeCertificate({ name: `IP:${HOST}`, keyUsage });
        expect(parseCertificate(certificate)).toMatchObject({ selfSigned: true });
    });

    it.each(["", "text", "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----"])(
        "gives nothing for %j",
        (pem) => {
            expect(parseCertificate(pem)).toBeUndefined();
        },
    );
});

describe("pinOf()", () => {
    it("is the SHA-256 of the DER in lower-case hex", () => {
        const base64 = good.certificate.replace(/-----[A-Z ]+-----|\s/g, "");
        const sum = createHash("sha256").update(Buffer.from(base64, "base64")).digest("hex");
        expect(pinOf(new X509Certificate(good.certificate))).toBe(`sha256-raw:${sum}`);
    });
});

describe("checkCertificate()", () => {
    it("finds nothing wrong with a certificate and its key", () => {
        expect(checkCertificate(good, HOST, NOW)).toEqual([]);
    });

    it("refuses another host name, and says which names there are", () => {
        expect(checkCertificate(good, "hgh.example.com", NOW)).toEqual([
            {
                value: "certificate",
                reason: "must be issued for hgh.example.com: got IP Address:10.90.0.101",
            },
        ]);
    });

    it("accepts a DNS name that the certificate has", () => {
        const pair = makeCertificate({ name: "DNS:hgh.example.com" });
        expect(checkCertificate(pair, "hgh.example.com", NOW)).toEqual([]);
    });

    it("refuses an expired certificate", () => {
        const pair = makeCertificate({ name: `IP:${HOST}`, notAfter: "20260101000000Z" });
        expect(checkCertificate(pair, HOST, NOW)).toEqual([
            {
                value: "certificate",
                reason: "must be valid today: expired on Jan  1 00:00:00 2026 GMT, and " + CLOCK,
            },
        ]);
    });

    it("refuses a certificate that is not valid yet", () => {
        const pair = makeCertificate({ name: `IP:${HOST}`, notBefore: "20270101000000Z" });
        expect(checkCertificate(pair, HOST, NOW)).toEqual([
            {
                value: "certificate",
                reason:
                    "must be valid today: not valid before Jan  1 00:00:00 2027 GMT, and " + CLOCK,
            },
        ]);
    });

    it("refuses a second certificate beside a self-signed one", () => {
        const certificate = good.certificate + good.certificate;
        expect(checkCertificate({ ...good, certificate }, HOST, NOW)).toEqual([
            {
                value: "certificate",
                reason:
                    "must be exactly one certificate when it is self-signed: got 2, " +
                    "and clients refuse a pinned chain",
            },
        ]);
    });

    it("refuses the key of another certificate", () => {
        const { privateKey } = makeCertificate({ name: `IP:${HOST}` });
        expect(checkCertificate({ ...good, privateKey }, HOST, NOW)).toEqual([
            { value: "privateKey", reason: "must be the key of the certificate: got another key" },
        ]);
    });

    it("accepts a wildcard, which stands for one label", () => {
        const pair = makeCertificate({ name: "DNS:*.example.com" });
        expect(checkCertificate(pair, "hgh.example.com", NOW)).toEqual([]);
        for (const host of ["example.com", "derp.hgh.example.com"]) {
            expect(checkCertificate(pair, host, NOW)).toEqual([
                {
                    value: "certificate",
                    reason: `must be issued for ${host}: got DNS:*.example.com`,
                },
            ]);
        }
    });

    it.each(["DNS:h*.example.com", "IP:10.90.0.101"])("refuses what clients refuse: %s", (name) => {
        // The common name is the host's, which no client looks at.
        const pair = makeCertificate({ name, subject: "hgh.example.com" });
        expect(checkCertificate(pair, "hgh.example.com", NOW)).toHaveLength(1);
    });

    it("wants a chain in which each is issued by the next", () => {
        const name = `IP:${HOST}`;
        const authority = makeCertificate({ name, subject: "authority", isAuthority: true });
        const { certificate, privateKey } = makeCertificate({ name, issuer: authority });
        const check = (...chain: readonly string[]) =>
            checkCertificate({ certificate: chain.join(""), privateKey }, HOST, NOW);
        expect(check(certificate)).toEqual([]);
        expect(check(certificate, authority.certificate)).toEqual([]);
        expect(check(certificate, good.certificate, authority.certificate)).toEqual([
            {
                value: "certificate",
                reason:
                    "must have its chain in order, each issued by the next: " +
                    "number 2 did not issue number 1",
            },
        ]);
    });

    it.each([
        ["PKCS#8", ["pkcs8", "-topk8", "-v2", "aes-256-cbc"]],
        ["SEC1", ["ec", "-aes256"]],
    ])("refuses a key with a passphrase: %s", (_, args) => {
        const privateKey = openssl([...args, "-passout", "pass:secret"], good.privateKey);
        expect(checkCertificate({ ...good, privateKey }, HOST, NOW)).toEqual([
            {
                value: "privateKey",
                reason:
                    "must be a private key without a passphrase: got an encrypted one. " +
                    "`openssl pkey -in OLD -out NEW` takes it away",
            },
        ]);
    });

    it("accepts keys in the older formats, as derper does", () => {
        const sec1 = openssl(["ec"], good.privateKey);
        const parameters = openssl(["ecparam", "-name", "prime256v1"], "");
        for (const privateKey of [sec1, parameters + sec1]) {
            expect(privateKey).toContain("BEGIN EC PRIVATE KEY");
            expect(checkCertificate({ ...good, privateKey }, HOST, NOW)).toEqual([]);
        }
        const rsa = makeCertificate({ name: `IP:${HOST}`, key: "RSA" });
        const privateKey = openssl(["rsa", "-traditional"], rsa.privateKey);
        expect(privateKey).toContain("BEGIN RSA PRIVATE KEY");
        expect(checkCertificate({ ...rsa, privateKey }, HOST, NOW)).toEqual([]);
    });
});
