import { createPrivateKey, X509Certificate } from "node:crypto";

import type { OutputMap } from "@pulumi/pulumi/automation";
import * as tls from "@pulumi/tls";
import { version } from "@pulumi/tls/package.json";

import { PluginStack } from "./support/plugin-stack";

const CERTIFICATE = "tls:index/selfSignedCert:SelfSignedCert";

describe("the stand-in of the tls provider", () => {
    let stack: PluginStack;

    // The first run may build the CLI.
    beforeAll(async () => {
        stack = await PluginStack.create({ name: "tls", version });
    }, 900_000);

    afterEach(async () => {
        await stack.reset();
    });

    afterAll(async () => {
        await stack.remove();
    });

    const program =
        (args: Partial<tls.SelfSignedCertArgs> = {}, curve = "P256") =>
        () => {
            const key = new tls.PrivateKey("key", { algorithm: "ECDSA", ecdsaCurve: curve });
            const certificate = new tls.SelfSignedCert("certificate", {
                allowedUses: ["digital_signature", "server_auth"],
                validityPeriodHours: 24,
                privateKeyPem: key.privateKeyPem,
                ipAddresses: ["203.0.113.7"],
                subject: { commonName: "203.0.113.7" },
                ...args,
            });
            return Promise.resolve({
                certPem: certificate.certPem,
                algorithm: certificate.keyAlgorithm,
                due: certificate.readyForRenewal,
                key: key.privateKeyPem,
                publicKey: key.publicKeyOpenssh,
            });
        };

    const text = (outputs: OutputMap, name: string): string => outputs[name]?.value as string;

    it("makes a real key and one real certificate that belongs to it", async () => {
        const outputs = await stack.outputs(program());

        const pem = text(outputs, "certPem");
        const certificate = new X509Certificate(pem);
        const key = createPrivateKey(text(outputs, "key"));
        expect(pem.match(/BEGIN CERTIFICATE/g)).toHaveLength(1);
        expect(certificate.checkIP("203.0.113.7")).toBe("203.0.113.7");
        expect(certificate.checkIP("203.0.113.8")).toBeUndefined();
        expect(certificate.subject).toBe("CN=203.0.113.7");
        expect(certificate.verify(certificate.publicKey)).toBe(true);
        expect(certificate.checkPrivateKey(key)).toBe(true);
        expect(certificate.publicKey.asymmetricKeyDetails).toStrictEqual({
            namedCurve: "prime256v1",
        });
        expect(Date.parse(certificate.validTo) - Date.parse(certificate.validFrom)).toBe(
            24 * 3_600_000,
        );
        expect(text(outputs, "key")).toMatch(/^-----BEGIN EC PRIVATE KEY-----\n/);
        expect(text(outputs, "publicKey")).toMatch(/^ecdsa-sha2-nistp256 AAAA\S+\n$/);
        expect(text(outputs, "algorithm")).toBe("ECDSA");
        expect(outputs.key?.secret).toBe(true);
    }, 120_000);

    it("keeps keys out of the output and in the state encrypted, and warns of nothing", async () => {
        await stack.up(program());

        const state = await stack.state();
        expect(stack.printed).not.toContain("PRIVATE KEY");
        expect(stack.printed).not.toMatch(/warning/i);
        expect(state).not.toContain("PRIVATE KEY");
        expect(state).toContain("ciphertext");
    }, 120_000);

    it("leaves what it makes unknown in a preview", async () => {
        const { changeSummary, stdout } = await stack.preview(program());

        expect(changeSummary).toStrictEqual({ create: 3 });
        expect(stdout).toContain("certPem  : [unknown]");
        expect(stdout).not.toContain("BEGIN");
    }, 120_000);

    it("changes nothing in a second run", async () => {
        const first = await stack.outputs(program());
        const second = await stack.up(program());

        expect(second.summary.resourceChanges).toStrictEqual({ same: 3 });
        expect(second.outputs).toStrictEqual(first);
    }, 120_000);

    it("replaces the certificate when its addresses change, the key when its curve does", async () => {
        await stack.up(program());
        const moved = await stack.up(program({ ipAddresses: ["203.0.113.8"] }));
        const other = await stack.up(program({ ipAddresses: ["203.0.113.8"] }, "P384"));

        const certificate = new X509Certificate(text(moved.outputs, "certPem"));
        expect(moved.summary.resourceChanges).toStrictEqual({ same: 2, replace: 1 });
        expect(certificate.checkIP("203.0.113.8")).toBe("203.0.113.8");
        expect(other.summary.resourceChanges).toStrictEqual({ same: 1, replace: 2 });
    }, 180_000);

    it("updates the time of renewal in place, and replaces a certificate that is due", async () => {
        const first = await stack.up(program());
        const updated = await stack.up(program({ earlyRenewalHours: 1 }));
        const due = await stack.up(program({ earlyRenewalHours: 24 }));
        const again = await stack.up(program({ earlyRenewalHours: 1 }));

        expect(updated.summary.resourceChanges).toStrictEqual({ same: 2, update: 1 });
        expect(text(updated.outputs, "certPem")).toBe(text(first.outputs, "certPem"));
        expect(due.summary.resourceChanges).toStrictEqual({ same: 2, replace: 1 });
        expect(text(due.outputs, "certPem")).not.toBe(text(first.outputs, "certPem"));
        expect(again.summary.resourceChanges).toStrictEqual({ same: 2, update: 1 });
        await expect(stack.resources(CERTIFICATE)).resolves.toHaveLength(1);
    }, 240_000);

    it("refuses arguments that the real one refuses", async () => {
        const key = await stack.failure(() => {
            new tls.PrivateKey("key", { algorithm: "DSA", ecdsaCurve: "P255" });
            return Promise.resolve({});
        });
        const certificate = await stack.failure(() => {
            const args = { validityPeriodHours: 0, allowedUses: ["serving"] };
            new tls.SelfSignedCert("certificate", { ...args, ipAddresses: ["relay"] });
            return Promise.resolve({});
        });

        expect(key).toContain('value must be one of: ["ECDSA","ED25519","RSA"], got: "DSA"');
        expect(key).toContain('value must be one of: ["P224","P256","P384","P521"], got: "P255"');
        expect(certificate).toContain("value must be at least 1, got: 0");
        expect(certificate).toContain('got: "serving"');
        expect(certificate).toContain('Invalid IP address: Failed to parse "relay"');
        expect(certificate).toContain("exactly one of privateKeyPem and privateKeyPemWo");
    }, 120_000);
});
