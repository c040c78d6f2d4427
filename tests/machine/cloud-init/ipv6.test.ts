import { spawnSync } from "node:child_process";
import { chmodSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { configureIpv6 } from "../../../components/cloud-init/ipv6";

const ADDRESS = "2001:db8::7";
const GATEWAY = "fe80::1";
/** On every machine, with IPv6. */
const LINK = "lo";

describe("configureIpv6()", () => {
    let root: string;

    const calls = () => {
        const file = join(root, "calls");
        return existsSync(file) ? readFileSync(file, "utf8").trim().split("\n") : [];
    };
    /** Puts a program in front of the machine's own, which notes how it was called. */
    const stub = (name: string, script: string) => {
        const file = join(root, "bin", name);
        writeFileSync(file, `#!/bin/sh\necho ${name} "$*" >>${root}/calls\n${script}\n`);
        chmodSync(file, 0o755);
    };
    /** A machine whose route over IPv4 goes over a link, and that has what it was given over IPv6. */
    const route = (line: string) => {
        const has = (what: string) => `grep -q '^ip -6 ${what}' ${root}/calls && echo there`;
        stub(
            "ip",
            `case $* in '-4 route show default') echo '${line}' ;; ` +
                `'-6 address show'*) ${has("address add")} ;; '-6 route show'*) ${has("route replace")} ;; esac; :`,
        );
    };
    const run = (script: string) =>
        spawnSync("sh", ["-c", script.replaceAll("/etc/", `${root}/etc/`)], {
            encoding: "utf8",
            env: { PATH: `${join(root, "bin")}:/usr/bin:/bin:/usr/sbin:/sbin` },
        });
    /** What the unit does, first and again. */
    const configure = () => {
        const folder = "/etc/derp-ipv6";
        return run(`set -a; . ${folder}/address.env; sh ${folder}/configure.sh`);
    };

    beforeEach(() => {
        root = mkdtempSync(join(tmpdir(), "derp-relay-test-"));
        for (const folder of ["bin", "etc/systemd/system"]) {
            spawnSync("mkdir", ["-p", join(root, folder)]);
        }
        stub("systemctl", "");
        stub("journalctl", "echo 'error: the reason'");
        route(`default via 10.0.0.1 dev ${LINK} proto dhcp src 10.0.0.7 metric 100`);
    });

    afterEach(() => {
        rmSync(root, { recursive: true });
    });

    it("leaves a unit that the machine starts by itself, and files that its user can read", () => {
        // As an image may have it.
        const result = run(`umask 077; ${configureIpv6({ address: ADDRESS, gateway: GATEWAY })}`);
        expect([result.status, result.stderr]).toEqual([0, ""]);
        expect(calls()).toEqual([
            "systemctl daemon-reload",
            "systemctl enable -q derp-ipv6.service",
            "systemctl restart derp-ipv6.service",
        ]);
        const { stdout } = run("stat -c %a /etc/derp-ipv6 /etc/derp-ipv6/*");
        expect(stdout).toBe("755\n644\n644\n");
        expect(existsSync(join(root, "etc/systemd/system/derp-ipv6.service"))).toBe(true);
    });

    it("says why, when the unit does not start", () => {
        stub("systemctl", "[ $1 != restart ]");
        const result = run(configureIpv6({ address: ADDRESS, gateway: GATEWAY }));
        expect([result.status, result.stderr]).toEqual([1, "error: the reason\n"]);
    });

    describe("the unit", () => {
        beforeEach(() => {
            run(configureIpv6({ address: ADDRESS, gateway: GATEWAY }));
            rmSync(join(root, "calls"));
        });

        it("gives the link of IPv4 the address and the way out, and touches neither again", () => {
            for (const time of ["first", "again"]) {
                const { status, stderr } = configure();
                expect([time, status, stderr]).toEqual([time, 0, ""]);
            }
            const changes = calls().filter((call) => !call.includes(" show "));
            expect(changes).toEqual([
                `ip -6 address add ${ADDRESS}/128 dev ${LINK} nodad`,
                `ip -6 route replace default via ${GATEWAY} dev ${LINK} onlink`,
            ]);
        });

        it.each([
            ["", 1, "error: the machine has no default route over IPv4"],
            [
                "default via 10.0.0.1 dev without-ipv6",
                // With this one the unit does not try again.
                2,
                "error: the machine cannot have its IPv6 address 2001:db8::7: its image has IPv6 switched off on without-ipv6",
            ],
        ])("fails with the reason where the route is '%s'", (line, code, reason) => {
            route(line);
            const { status, stderr } = configure();
            expect(status).toBe(code);
            expect(stderr).toContain(reason);
            expect(calls()).toEqual(["ip -4 route show default"]);
        });
    });
});
