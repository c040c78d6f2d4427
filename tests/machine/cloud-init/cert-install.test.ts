import { readdirSync } from "node:fs";
import { join } from "node:path";

import { CertificateMachine, HOSTNAME, START_HEALTH } from "../../support/certificate-machine";
import { makeCertificate, openssl, type PemPair } from "../../support/certificates";

const authority = makeCertificate({ name: "DNS:ca", subject: "authority", isAuthority: true });
const middle = makeCertificate({
    ...{ name: "DNS:middle", subject: "middle", isAuthority: true, issuer: authority },
});
const issue = (wish: Partial<Parameters<typeof makeCertificate>[0]> = {}): PemPair => {
    const { certificate, privateKey } = makeCertificate({
        ...{ name: `DNS:${HOSTNAME}`, issuer: middle, ...wish },
    });
    return { certificate: certificate + middle.certificate, privateKey };
};
const old = issue();
const renewed = issue();
describe("derp-relay-cert-install", () => {
    let machine: CertificateMachine;

    beforeEach(async () => {
        machine = await CertificateMachine.start(old);
    });

    afterEach(() => {
        machine.remove();
    });

    /** What a certificate is refused with; nothing of it may have reached the relay. */
    const refusalOf = async (pair: PemPair): Promise<string> => {
        const { code, output } = await machine.installCertificate(pair);
        expect({ code, pair: machine.pair, restarts: machine.restarts }).toEqual({
            ...{ code: 1, pair: old, restarts: 0 },
        });
        expect(output).toContain(`error: ${machine.alerts.join("\n")}`);
        return output;
    };

    it("installs a renewed certificate, restarts derper once, and sees that it is served", async () => {
        const { code, output } = await machine.installCertificate(renewed);
        expect(output.split("\n")).toEqual([
            "good  the key belongs to the certificate",
            `good  the certificate is for ${HOSTNAME}`,
            expect.stringMatching(/^good {2}it is valid for \d+ days$/),
            "good  the chain is in order, 2 certificates",
            expect.stringMatching(
                /^warn {2}this machine does not trust who issued it: is the chain/,
            ),
            `      wrote /etc/derp-relay/certs/${HOSTNAME}.crt and .key`,
            `done: derper serves it as ${HOSTNAME}`,
            "",
        ]);
        expect(code).toBe(0);
        expect(machine.pair).toEqual(renewed);
        expect(machine.restarts).toBe(1);
        expect(machine.alerts).toEqual([]);
    });

    it("restarts nothing when it is in place already", async () => {
        await machine.installCertificate(renewed);
        const { code, output } = await machine.installCertificate(renewed);
        expect(output).toContain("both are in place already");
        expect(code).toBe(0);
        expect(machine.restarts).toBe(1);
    });

    it("only checks with --dry-run", async () => {
        const { code, output } = await machine.installCertificate(renewed, "--dry-run");
        expect(output).toContain(`would install them as /etc/derp-relay/certs/${HOSTNAME}.crt`);
        expect(code).toBe(0);
        expect(machine.pair).toEqual(old);
        expect(machine.restarts).toBe(0);
    });

    it("starts a relay that never had one", async () => {
        machine.remove();
        machine = await CertificateMachine.start();
        expect(await machine.installCertificate(renewed)).toMatchObject({ code: 0 });
        expect(machine.restarts).toBe(1);
    });

    it("puts the old one back, with an alert, when the relay is not healthy with the new one", async () => {
        machine.setHealth(
            `cmp -s "$DERP_RELAY_ROOT/root/privkey.pem" "$DERP_RELAY_ROOT/etc/derp-relay/certs/${HOSTNAME}.key" && { ` +
                'echo "bad   derper must answer on port 443: it does not"; exit 1; }',
        );
        const { code } = await machine.installCertificate(renewed);
        expect(code).toBe(1);
        expect(machine.pair).toEqual(old);
        expect(machine.restarts).toBe(2);
        expect(machine.alerts).toEqual([
            "the relay is not healthy: derper must answer on port 443: it does not. " +
                "Rolled back: what served before serves again",
        ]);
    });

    it("keeps the new one when something else is wrong: the old one would expire meanwhile", async () => {
        machine.setHealth(
            'echo "good  derper holds tcp port 443 (DERP)"; trap "exit 1" EXIT\n' +
                'echo "bad   tailnet b: this machine must be logged in"; echo "bad   100 MB of disk must be free: got 99"',
        );
        expect(await machine.installCertificate(renewed)).toMatchObject({ code: 0 });
        expect(machine.pair).toEqual(renewed);
        expect(machine.restarts).toBe(1);
        machine.stubborn = renewed;
        expect(await machine.installCertificate(old)).toMatchObject({ code: 1 });
        expect(machine.pair).toEqual(renewed);
    });

    it("goes back to one in its last week, when the relay is not healthy any more", async () => {
        machine.setHealth('echo "bad   the certificate is valid for 6 days"; exit 1');
        await machine.installCertificate(renewed);
        expect(machine.pair).toEqual(old);
    });

    it("puts the old one back when derper goes on to serve another one", async () => {
        machine.stubborn = old;
        const { code } = await machine.installCertificate(renewed);
        expect(code).toBe(1);
        expect(machine.pair).toEqual(old);
        expect(machine.alerts).toEqual([
            "the relay is not healthy: derper must serve the certificate in /etc/derp-relay/certs: it serves another one. " +
                "Rolled back: what served before serves again",
        ]);
    });

    it("puts the old one back when it is interrupted", async () => {
        machine.stub(
            "systemctl",
            'case "$*" in restart*) [ -f "$0.done" ] || { : >"$0.done"; kill -TERM $PPID; } ;; esac\n' +
                START_HEALTH,
        );
        const { code } = await machine.installCertificate(renewed);
        expect(code).not.toBe(0);
        expect(machine.pair).toEqual(old);
        expect(machine.alerts).toEqual([
            "the change was interrupted. Rolled back: what served before serves again",
        ]);
        // The copy of the key has gone as well.
        expect(readdirSync(join(machine.root, "run/derp-relay"))).toEqual([]);
    });

    it.each(["No space left on device", "Read-only file system"])(
        "fault 14: leaves the old one in place and served when the new one cannot be written: %s",
        async (why) => {
            machine.stub(
                "install",
                `case "$*" in */run/derp-relay/cert*) echo "install: error writing x: ${why}" >&2; exit 1 ;; esac\nexec /usr/bin/install "$@"`,
            );
            expect(await refusalOf(renewed)).toMatch(
                new RegExp(
                    `the old one stays in place and is served: install: error writing x: ${why}`,
                ),
            );
        },
    );

    it("fault 15: refuses the key of another certificate", async () => {
        const pair = { ...renewed, privateKey: old.privateKey };
        expect(await refusalOf(pair)).toMatch(
            /privkey\.pem must be the key of .*fullchain\.pem: it is another/,
        );
    });

    it("fault 15: refuses a certificate for other names, and says which it has", async () => {
        const name = "DNS:other.example.com, DNS:www.example.com";
        expect(await refusalOf(issue({ name }))).toMatch(
            /must be for relay\.example\.com: it is for DNS:other\.example\.com, DNS:www/,
        );
    });

    it("fault 15: refuses an expired certificate, and says what time it is here", async () => {
        expect(await refusalOf(issue({ notAfter: "20260101000000Z" }))).toMatch(
            /it expired on 2026-01-01 00:00:00 UTC, and by this machine's clock it is 20\d\d-/,
        );
    });

    it("refuses one that is not valid yet: the clock may be wrong", async () => {
        expect(await refusalOf(issue({ notBefore: "20440101000000Z" }))).toMatch(
            /it is not before 2044-01-01 00:00:00 UTC, and by this machine's clock it is .* set it: timedatectl/,
        );
    });

    it("accepts a wildcard of the same level, and none of a higher one", async () => {
        const good = await machine.installCertificate(issue({ name: "DNS:*.EXAMPLE.com" }));
        expect(good).toMatchObject({ code: 0 });
        const { output } = await machine.installCertificate(issue({ name: "DNS:*.com" }));
        expect(output).toContain(`must be for ${HOSTNAME}: it is for DNS:*.com`);
    });

    it("knows a relay without a name by its address", async () => {
        const env = machine.read("etc/derp-relay/relay.env").replace(HOSTNAME, "203.0.113.7");
        machine.write("etc/derp-relay/relay.env", env);
        const check = (name: string) => machine.installCertificate(issue({ name }), "--dry-run");
        expect(await check("IP:203.0.113.7, DNS:x.example.com")).toMatchObject({ code: 0 });
        expect((await check("IP:203.0.113.70")).output).toContain(
            "must be for 203.0.113.7: it is for IP Address:203.0.113.70",
        );
    });

    it("refuses a chain in another order", async () => {
        const [leaf] = renewed.certificate.split(middle.certificate);
        const certificate = `${leaf ?? ""}${authority.certificate}${middle.certificate}`;
        expect(await refusalOf({ ...renewed, certificate })).toMatch(
            /must have its chain in order: number 2 did not issue number 1 \(error 20 at 0 depth/,
        );
    });

    it.each([
        ["alone", 1, /it is self-signed\. Clients accept such a one only when the derpMap pins it/],
        [
            "with a chain",
            2,
            /it is self-signed, and has 2 certificates where clients accept exactly one/,
        ],
    ])("refuses a self-signed one %s: clients must know its pin", async (_, times, reason) => {
        const { certificate, privateKey } = makeCertificate({ name: `DNS:${HOSTNAME}` });
        expect(await refusalOf({ certificate: certificate.repeat(times), privateKey })).toMatch(
            reason,
        );
    });

    it.each([
        ["PKCS#8", ["pkcs8", "-topk8", "-v2", "aes-256-cbc"]],
        ["SEC1", ["ec", "-aes256"]],
    ])("refuses a key with a passphrase: %s", async (_, args) => {
        const privateKey = openssl([...args, "-passout", "pass:secret"], renewed.privateKey);
        expect(privateKey).toContain("ENCRYPTED");
        expect(await refusalOf({ ...renewed, privateKey })).toMatch(
            /privkey\.pem must have no passphrase: it has one\. Fix: openssl pkey -in /,
        );
    });

    it("accepts keys in the older formats, as derper does", async () => {
        const sec1 = openssl(["ec"], renewed.privateKey);
        const parameters = openssl(["ecparam", "-name", "prime256v1"], "");
        expect(sec1).toContain("BEGIN EC PRIVATE KEY");
        const check = (privateKey: string) =>
            machine.installCertificate({ ...renewed, privateKey }, "--dry-run");
        expect(await check(sec1)).toMatchObject({ code: 0 });
        expect(await check(parameters + sec1)).toMatchObject({ code: 0 });
        const rsa = issue({ key: "RSA" });
        const pkcs1 = openssl(["rsa", "-traditional"], rsa.privateKey);
        expect(pkcs1).toContain("BEGIN RSA PRIVATE KEY");
        const pair = { ...rsa, privateKey: pkcs1 };
        expect(await machine.installCertificate(pair, "--dry-run")).toMatchObject({ code: 0 });
    });

    it("refuses what is no certificate, no key, or not there", async () => {
        expect(await refusalOf({ ...renewed, certificate: "DER" })).toMatch(
            /must be a certificate in PEM/,
        );
        machine.write("calls", "");
        expect(await refusalOf({ ...renewed, privateKey: "DER" })).toMatch(/must be a key in PEM/);
        const script = `${machine.root}/opt/derp-relay/cert-install.sh`;
        const { output } = await machine.run(script, ["/no/such/file", "/no/such/key"]);
        expect(output).toContain("/no/such/file must be readable: ");
    });

    it("leaves a relay alone whose certificate is in the configuration: it would not last, or break a pin", async () => {
        const env = machine.read("etc/derp-relay/relay.env").replace("RELAY_FILES='files'", "");
        machine.write("etc/derp-relay/relay.env", env);
        expect(await refusalOf(renewed)).toMatch(
            /certificate\.mode must be files or certbot in the relay's conf/,
        );
    });
});
