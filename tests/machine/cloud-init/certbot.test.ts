import { existsSync, renameSync, statSync } from "node:fs";
import { join } from "node:path";

import { makeCertificate } from "../../support/certificates";
import { ADDRESS, FilesMachine, HOSTNAME } from "../../support/files-machine";

const PACKAGE = "var/lib/derp-relay/certbot/package";
const TIMER_OFF = "systemctl disable -q --now derp-relay-certbot.timer";
/** Derper serves what its file holds. */
const SERVED = `case "$1" in s_client) exec cat "$DERP_RELAY_ROOT/etc/derp-relay/certs/${HOSTNAME}.crt" ;; *) exec /usr/bin/openssl "$@" ;; esac`;

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
                    "--no-eff-email -m ops@example.com --standalone --preferred-challenges http",
            ]);
            expect(machine.certificate).toBe(issued.certificate);
            expect(machine.restarts).toBe(1);
            expect(machine.called("systemctl enable -q --now")).toEqual([
                "systemctl enable -q --now derp-relay-certbot.timer",
            ]);
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

        it("answers DNS-01 with the script of the configuration, which only root reads", async () => {
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
            expect(statSync(hook).mode & 0o777).toBe(0o700);
        });
    });

    describe("with certbot's timer", () => {
        const CERTBOT = { mode: "certbot", challenge: "http-01" } as const;
        const renew = (...args: string[]) =>
            machine.run(`${machine.root}/opt/derp-relay/certbot.sh`, args, { NETWORK_WAIT: "0" });

        beforeEach(async () => {
            machine.addCertbot(issued);
            await machine.change(CERTBOT);
            machine.write("calls", "");
        });

        it("gives derper what is renewed, and restarts nothing when nothing is", async () => {
            machine.stub("openssl", SERVED);
            expect(await renew("--install")).toMatchObject({ code: 0 });
            expect(machine.restarts).toBe(0);
            const renewed = issue();
            machine.write("issued.crt", renewed.certificate);
            machine.write("issued.key", renewed.privateKey);
            expect(await renew("--install", "--force-renewal")).toMatchObject({ code: 0 });
            expect(machine.called("certbot").at(-1)).toContain(" --force-renewal ");
            expect(machine.certificate).toBe(renewed.certificate);
            expect(machine.restarts).toBe(1);
        });

        it("names who holds the port of HTTP-01", async () => {
            machine.write("proc-net/tcp", "0: 00000000:0050 0 0A 0 0 0 0 0 42\n");
            machine.stub("find", 'case "$*" in */proc/*) echo /proc/7/fd/3 ;; esac');
            const { code, output } = await renew();
            expect(output).toMatch(
                /error: port tcp 80 must be free for the order: .*\(pid 7\) holds it/,
            );
            expect(code).toBe(1);
            expect(machine.called("certbot")).toEqual([]);
        });

        it("answers beside derper, which goes on holding port 80", async () => {
            machine.write("proc-net/tcp", "0: 00000000:0050 0 0A 0 0 0 0 0 42\n");
            machine.stub("find", 'case "$*" in */proc/*) echo /proc/7/fd/3 ;; esac');
            machine.write("sys/fs/cgroup/system.slice/derper.service/cgroup.procs", "7\n");
            machine.stub("nft", 'case "$*" in -f*) cat ;; esac');
            const { code, output } = await renew();
            expect(code).toBe(0);
            expect(output).toContain("tcp dport 80 redirect to :33480");
            const order = expect.stringMatching(/^certbot .* --http-01-port 33480$/) as string;
            const back = "nft delete table ip derp_relay_order";
            expect(machine.calls.filter((call) => /^(nft|certbot)/.test(call)).slice(-5)).toEqual([
                ...[back, "nft -f -", order, back, back],
            ]);
        });

        it("gives port 80 back when the order is refused, and says when it cannot have it", async () => {
            machine.write("proc-net/tcp", "0: 00000000:0050 0 0A 0 0 0 0 0 42\n");
            machine.stub("find", 'case "$*" in */proc/*) echo /proc/7/fd/3 ;; esac');
            machine.write("sys/fs/cgroup/system.slice/derper.service/cgroup.procs", "7\n");
            machine.addCertbot(issued, "echo refused; exit 1");
            expect((await renew()).code).toBe(1);
            expect(machine.calls.filter((call) => call.startsWith("nft")).slice(-2)).toEqual([
                ...["nft -f -", "nft delete table ip derp_relay_order"],
            ]);
            machine.stub("nft", "exit 1");
            expect((await renew()).output).toContain(
                "error: port tcp 80, which derper holds, could not be redirected for the order. " +
                    "Fix: install nft, set ports.http to -1, or use challenge dns-01",
            );
        });

        it("raises an alert when a renewal fails, and leaves the relay as it is", async () => {
            machine.addCertbot(issued, "echo 'the server is down'; exit 1");
            expect(await renew("--install")).toMatchObject({ code: 1 });
            expect(machine.called("logger")).toEqual([
                `logger -p daemon.err -t derp-relay-certbot -- certbot got no certificate for ${HOSTNAME}: the server is down`,
            ]);
            expect(machine.restarts).toBe(0);
        });

        it("goes away when the relay has another way to its certificate", async () => {
            await machine.change({ mode: "files" });
            expect(await renew("--install")).toMatchObject({ code: 0 });
            expect(machine.called("certbot")).toEqual([]);
            expect(machine.called(TIMER_OFF)).toHaveLength(1);
            expect(machine.read("etc/systemd/system/derp-relay-certbot.timer")).toBe("");
        });
    });
});
