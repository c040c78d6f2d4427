import { symlinkSync } from "node:fs";
import { join } from "node:path";

import { CertificateMachine } from "../../support/certificate-machine";

describe("derp-relay-cert-install, called in another way", () => {
    let machine: CertificateMachine;

    beforeEach(async () => {
        machine = await CertificateMachine.start();
    });

    afterEach(() => {
        machine.remove();
    });

    it("says how it is called", async () => {
        const script = `${machine.root}/opt/derp-relay/cert-install.sh`;
        const help = await machine.run(script, ["--help"]);
        expect(help.output).toMatch(
            /^usage: derp-relay-cert-install \[--dry-run\] \[--for NAME\] CERT KEY\n/,
        );
        expect(help.code).toBe(0);
        for (const wrong of [["one"], ["a", "b", "c"], ["--for", "../x", "a", "b"], ["--for"]]) {
            expect(await machine.run(script, wrong)).toEqual({ ...help, code: 2 });
        }
    });

    it("names openssl where it is missing", async () => {
        symlinkSync("/bin/sh", join(machine.root, "stubs/sh"));
        const script = `${machine.root}/opt/derp-relay/cert-install.sh`;
        const path = { PATH: `${machine.root}/stubs` };
        expect(await machine.run(script, ["a", "b"], path)).toEqual({
            code: 1,
            output:
                "error: openssl must be installed: it is not. " +
                "Fix: apt-get install openssl, or dnf install openssl\n",
        });
    });
});
