import { existsSync, renameSync, rmSync, statSync } from "node:fs";
import { join } from "node:path";

import { makeCertificate } from "../../support/certificates";
import { ADDRESS, FilesMachine, HOSTNAME } from "../../support/files-machine";

const PACKAGE = "var/lib/derp-relay/certbot/package";
const TIMER_OFF = "systemctl disable -q --now derp-relay-certbot.timer";
const authority = makeCertificate({ name: "DNS:ca", subject: "authority", isAuthority: true });
const issue = () => makeCertificate({ name: `DNS:${HOSTNAME}`, issuer: authority });
const issued = issue();

describe("certbot.sh", () => {
    let machine: FilesMachine;

    beforeEach(() => {
        machine = new FilesMachine();
    });

    afterEach(() => {
        machine.remove();
    });

    describe("with certbot", () => {
        const CERTBOT = { mode: "certbot", challenge: "http-01" } as const;
        const REFUSED =
            "printf '%s\\n' 'Saving debug log to x' 'Requesting a certificate for x' " +
            "'An unexpected error occurred:' 'too many certificates (5) already issued' 'Ask for help or search'; exit 1";

        it("orders over port 80, in folders of its own, and starts the relay and the timer", async () => {
            machine.addCertbot(issued);
            expect(await machine.change({ ...CERTBOT, email: "ops@example.com" })).toMatch(/^ok /);
            const home = `${machine.root}/var/lib/derp-relay/certbot`;
            expect([...new Set(machine.called("certbot "))]).toEqual([
                `certbot certonly -n --agree-tos --keep-until-expiring --cert-name ${HOSTNAME} -d ${HOSTNAME} ` +
                    `--config-dir ${home}/config --work-dir ${home}/work --logs-dir ${home}/logs ` +
                    "--no-eff-email -m ops@example.com --standalone --preferred-challenges http --http-01-port 33480",
            ]);
            expect(machine.certificate).toBe(issued.certificate);
            expect(machine.restarts).toBe(1);
            expect(machine.calls).toContain("systemctl enable -q --now derp-relay-certbot.timer");
        });

        it("installs certbot from the distribution's packages", async () => {
            machine.addCertbot(issued);
            const package_ = `${machine.root}/stubs/certbot`;
            renameSync(package_, `${package_}.deb`);
            machine.stub(
                "apt-get",
                `case "$*" in *install*) mv '${package_}.deb' '${package_}' ;; esac`,
            );
            expect(await machine.change(CERTBOT)).toMatch(/^ok /);
            expect(machine.called("apt-get")).toEqual([
                "apt-get -q -o DPkg::Lock::Timeout=300 update",
                "apt-get -q -y -o DPkg::Lock::Timeout=300 install --no-install-recommends certbot",
            ]);
            // Taken away again when the relay goes.
            expect(existsSync(join(machine.root, PACKAGE))).toBe(true);
        });

        it("leaves a certbot alone that was there before", async () => {
            machine.addCertbot(issued);
            machine.stub("apt-get", "");
            await machine.change(CERTBOT);
            expect(machine.called("apt-get")).toEqual([]);
            expect(existsSync(join(machine.root, PACKAGE))).toBe(false);
        });

        it("orders nothing while there is a good certificate, whoever issued it", async () => {
            machine.addCertbot(issued);
            machine.setPair(issued);
            expect(await machine.change(CERTBOT)).toMatch(/^ok /);
            expect(machine.called("certbot")).toEqual([]);
        });

        it("fault 17: orders nothing while the name resolves to another address", async () => {
            machine.addCertbot(issued);
            machine.stub("getent", "echo '198.51.100.1 STREAM'");
            expect(await machine.change(CERTBOT)).toBe(
                `failed: ${HOSTNAME} must resolve to ${ADDRESS} before a certificate is ordered: ` +
                    "got 198.51.100.1. Fix: its A and AAAA records, then wait until they are known everywhere",
            );
            expect(machine.called("certbot")).toEqual([]);
            expect(machine.restarts).toBe(0);
        });

        it("says what an order was refused with, and tries again with the timer only", async () => {
            machine.addCertbot(issued, REFUSED);
            expect(await machine.change(CERTBOT)).toBe(
                `failed: certbot got no certificate for ${HOSTNAME}: ` +
                    "An unexpected error occurred: too many certificates (5) already issued",
            );
            expect(machine.called("certbot")).toHaveLength(1);
            expect(machine.called("systemctl enable -q derper")).toEqual([]);
            expect(machine.restarts).toBe(0);
            expect(machine.called(TIMER_OFF)).toEqual([]);
        });

        it("says what the server said also where certbot does not", async () => {
            const log = `${machine.root}/var/lib/derp-relay/certbot/logs/letsencrypt.log`;
            const problem = '"type": "urn:x:rateLimited",\n  "detail": "too \\"many\\"",\n';
            machine.write("problem", `"type": "http-01"\n{\n  ${problem}  "type": "dns-01",\n`);
            machine.addCertbot(
                issued,
                `mkdir -p '${log}'; rmdir '${log}'; cp '${machine.root}/problem' '${log}'\n` +
                    "printf '%s\\n' 'An unexpected error occurred:' \"AttributeError: can't set attribute\"; exit 1",
            );
            expect(await machine.change(CERTBOT)).toBe(
                `failed: certbot got no certificate for ${HOSTNAME}: An unexpected error occurred: ` +
                    '"urn:x:rateLimited" "too \\"many\\""',
            );
        });

        it("goes back to a relay that served, and takes the timer with it", async () => {
            await machine.change(undefined);
            const served = machine.read("etc/derp-relay/relay.env");
            machine.setPair(makeCertificate({ name: "DNS:elsewhere", issuer: authority }));
            machine.addCertbot(issued, REFUSED);
            expect(await machine.change(CERTBOT)).toMatch(
                /already issued\. Rolled back: what served before serves again$/,
            );
            expect(machine.read("etc/derp-relay/relay.env")).toBe(served);
            expect(machine.called(TIMER_OFF)).toHaveLength(1);
        });

        it("goes back to one with certbot, whose timer goes on", async () => {
            machine.addCertbot(issued);
            await machine.change(CERTBOT);
            machine.setPair(makeCertificate({ name: "DNS:elsewhere", issuer: authority }));
            machine.addCertbot(issued, REFUSED);
            expect(await machine.change({ ...CERTBOT, email: "ops@example.com" })).toMatch(
                /already issued\. Rolled back: /,
            );
            expect(machine.called(TIMER_OFF)).toEqual([]);
        });

        it("answers DNS-01 with the script of the configuration, which only root and certbot's user read", async () => {
            machine.addCertbot(issued);
            const dnsHook = "#!/bin/sh\n# comments stay\n  echo $1\n";
            const certificate = { mode: "certbot", challenge: "dns-01", dnsHook } as const;
            expect(await machine.change(certificate)).toMatch(/^ok /);
            const hook = `${machine.root}/opt/derp-relay/dns-hook`;
            expect(machine.called("certbot")[0]).toMatch(
                new RegExp(
                    "--register-unsafely-without-email --manual --preferred-challenges dns " +
                        `--manual-auth-hook ${hook} add --manual-cleanup-hook ${hook} remove$`,
                ),
            );
            expect(machine.read("opt/derp-relay/dns-hook")).toBe(dnsHook);
            expect(statSync(hook).mode & 0o777).toBe(0o750);
            // Its credentials go with the challenge, and with them what keeps port 80 for others.
            expect(await machine.change(CERTBOT)).toMatch(/^ok /);
            expect(existsSync(hook)).toBe(false);
            expect(machine.read("etc/systemd/system/derp-relay-certbot-port.service")).toContain(
                "\nConditionPathExists=!/opt/derp-relay/dns-hook\n",
            );
        });
    });

    describe("with certbot's timer", () => {
        const CERTBOT = { mode: "certbot", challenge: "http-01" } as const;
        const renew = () =>
            machine.run(`${machine.root}/opt/derp-relay/certbot.sh`, [], { NETWORK_WAIT: "0" });

        beforeEach(async () => {
            machine.addCertbot(issued);
            await machine.change(CERTBOT);
            machine.write("calls", "");
        });

        it("orders anew, once, when it is told to", async () => {
            machine.write("var/lib/derp-relay/certbot/force", "");
            expect(await renew()).toMatchObject({ code: 0 });
            expect(machine.called("certbot").at(-1)).toContain(" --force-renewal ");
            expect(await renew()).toMatchObject({ code: 0 });
            expect(machine.called("certbot").at(-1)).not.toContain(" --force-renewal ");
        });

        /** A process that listens on port 80, as the kernel lists it. */
        const listens = (user: number) => {
            machine.stub("id", `case $1 in -u) echo 7 ;; -un) echo www-data ;; esac`);
            machine.write(
                "proc-net/tcp",
                `0: 00000000:0050 00000000:0000 0A 0:0 00:0 0 ${String(user)} 0 42\n`,
            );
        };

        it("names whose process holds the port of HTTP-01", async () => {
            listens(33);
            const { code, output } = await renew();
            expect(output).toContain(
                "error: port tcp 80 must be free for the order: a process of www-data holds it (ss -ltnp). " +
                    "Fix: stop it, or use challenge dns-01",
            );
            expect(code).toBe(1);
            expect(machine.called("certbot")).toEqual([]);
        });

        it("answers beside derper, which goes on holding port 80", async () => {
            listens(7);
            expect((await renew()).code).toBe(0);
            expect(machine.called("certbot")).toHaveLength(1);
        });

        it("raises an alert when a renewal fails, and leaves the relay as it is", async () => {
            machine.addCertbot(issued, "echo 'the server is down'; exit 1");
            expect(await renew()).toMatchObject({ code: 1 });
            expect(machine.called("logger")).toEqual([
                `logger -p daemon.err -t derp-relay-certbot -- certbot got no certificate for ${HOSTNAME}: the server is down`,
            ]);
            expect(machine.restarts).toBe(0);
        });

        it("goes away when the relay has another way to its certificate", async () => {
            machine.write("opt/derp-relay/dns-hook", "secret");
            await machine.change({ mode: "files" });
            expect(
                machine.called("systemctl disable -q --now derp-relay-certbot.timer"),
            ).toHaveLength(1);
            for (const file of [
                "etc/systemd/system/derp-relay-certbot.timer",
                "etc/systemd/system/derp-relay-cert-install.service",
                "opt/derp-relay/certbot.sh",
                "opt/derp-relay/dns-hook",
            ]) {
                expect(machine.read(file)).toBe("");
            }
        });
    });

    it("asks for nft before it orders over port 80", async () => {
        machine.addCertbot(issued);
        // The host's own is elsewhere.
        rmSync(`${machine.root}/stubs/nft`);
        machine.env = { PATH: `${machine.root}/stubs:/usr/bin:/bin` };
        expect(await machine.change({ mode: "certbot", challenge: "http-01" })).toBe(
            "failed: challenge http-01 must have nft on the machine: it has none. " +
                "Fix: install the package nftables, or use challenge dns-01",
        );
        expect(machine.called("certbot")).toEqual([]);
    });
});
