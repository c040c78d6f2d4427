import { readdirSync, statSync } from "node:fs";
import { join } from "node:path";

import { makeCertificate } from "../../support/certificates";
import { FilesMachine, HOSTNAME } from "../../support/files-machine";

const authority = makeCertificate({ name: "DNS:ca", subject: "authority", isAuthority: true });
const issued = makeCertificate({ name: `DNS:${HOSTNAME}`, issuer: authority });

describe("files.sh", () => {
    let machine: FilesMachine;

    beforeEach(() => {
        machine = new FilesMachine();
    });

    afterEach(() => {
        machine.remove();
    });

    describe("with files that somebody brings", () => {
        const FILES = { mode: "files" } as const;

        it("waits for them, without a derper, and says how they get there", async () => {
            expect(await machine.change(FILES)).toBe(
                `failed: ${HOSTNAME} must have a certificate: it has none yet. ` +
                    `Fix: derp-relay-cert-install --for ${HOSTNAME} CERT KEY on the machine, then the same command again`,
            );
            expect(machine.called("systemctl enable -q derper")).toEqual([]);
            expect(machine.restarts).toBe(0);
            expect(machine.read("usr/local/sbin/derp-relay-cert-install")).toContain("usage: ");
        });

        it("leaves in place what came last, whatever else changes", async () => {
            await machine.change(FILES);
            machine.setPair(issued);
            expect(await machine.change(FILES)).toMatch(/^ok /);
            expect(await machine.change(FILES, 5)).toMatch(/^ok /);
            expect(machine.certificate).toBe(issued.certificate);
            expect(machine.restarts).toBe(2);
        });

        it("goes back when what is in place is no certificate for it", async () => {
            await machine.change(undefined);
            const pinned = machine.certificate;
            expect(await machine.change(FILES)).toMatch(
                /^failed: .*\.crt must be for relay\.example\.com: it is for IP Address:10\.90\.0\.101\. Fix: .* --for relay\.example\.com CERT KEY on .*\. Rolled back: what/,
            );
            expect(machine.certificate).toBe(pinned);
            expect(machine.read("etc/derp-relay/relay.env")).not.toContain("RELAY_FILES");
        });

        it("leaves its own command beside a relay of an earlier version", async () => {
            await machine.change(undefined);
            const command = "opt/derp-relay/cert-install.sh";
            machine.write(command, "echo usage: without --for\n", 0o755);
            expect(await machine.change(FILES)).toMatch(/Rolled back: /);
            expect(machine.read(command)).toContain("--for NAME");
        });

        it("says what is wrong with what was brought", async () => {
            await machine.change(undefined);
            const other = makeCertificate({ name: "DNS:elsewhere", issuer: authority });
            machine.write(`var/lib/derp-relay/certs/${HOSTNAME}.crt`, other.certificate);
            machine.write(`var/lib/derp-relay/certs/${HOSTNAME}.key`, other.privateKey);
            expect(await machine.change(FILES)).toMatch(
                /must be for relay\.example\.com: it is for DNS:elsewhere\. Fix: .*Rolled back: /,
            );
        });

        it("serves what was brought before the change, and nothing before it", async () => {
            await machine.change(undefined);
            const pinned = machine.certificate;
            await machine.change(FILES);
            machine.write("root/fullchain.pem", issued.certificate);
            machine.write("root/privkey.pem", issued.privateKey);
            const bring = (name: string) => {
                const files = ["fullchain.pem", "privkey.pem"].map((each) =>
                    join(machine.root, "root", each),
                );
                const command = join(machine.root, "usr/local/sbin/derp-relay-cert-install");
                return machine.run(command, ["--for", name, ...files]);
            };
            const restarts = machine.restarts;
            expect((await bring("other.example.com")).output).toMatch(
                /must be for other\.example\.com: it is for DNS:relay/,
            );
            const { code, output } = await bring(HOSTNAME);
            expect(output).toContain(`mode files and hostname ${HOSTNAME}`);
            expect({ code, certificate: machine.certificate, restarts: machine.restarts }).toEqual({
                ...{ code: 0, certificate: pinned, restarts },
            });
            const kept = join(machine.root, "var/lib/derp-relay/certs");
            expect(statSync(kept).mode & 0o777).toBe(0o700);
            expect(statSync(join(kept, `${HOSTNAME}.key`)).mode & 0o777).toBe(0o600);
            expect(await machine.change(FILES)).toMatch(/^ok /);
            expect(machine.certificate).toBe(issued.certificate);
            // Or it would come back at a later change, when it is old.
            expect(readdirSync(kept)).toEqual([]);
        });

        it("takes over what the configuration provided", async () => {
            const { certificate: certificatePem, privateKey: privateKeyPem } = issued;
            await machine.change({ mode: "manual", certificatePem, privateKeyPem });
            expect(await machine.change(FILES)).toMatch(/^ok /);
            expect(machine.certificate).toBe(issued.certificate);
        });
    });
});
