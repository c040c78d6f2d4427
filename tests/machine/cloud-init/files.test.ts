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
                    "Fix: derp-relay-cert-install CERT KEY on the machine, then the same command again",
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
                /^failed: .*\.crt must be for relay\.example\.com: it is for IP Address:10\.90\.0\.101\. Rolled back: what/,
            );
            expect(machine.certificate).toBe(pinned);
            expect(machine.read("etc/derp-relay/relay.env")).not.toContain("RELAY_FILES");
        });

        it("takes over what the configuration provided", async () => {
            const { certificate: certificatePem, privateKey: privateKeyPem } = issued;
            await machine.change({ mode: "manual", certificatePem, privateKeyPem });
            expect(await machine.change(FILES)).toMatch(/^ok /);
            expect(machine.certificate).toBe(issued.certificate);
        });
    });
});
