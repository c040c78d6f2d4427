import { execFileSync } from "node:child_process";
import { gunzipSync } from "node:zlib";

import { renderArchive } from "../../../components/cloud-init/archive";
import { renderPayload } from "../../../components/cloud-init/payload";
import { renderLocalUserData, renderSshUserData } from "../../../components/cloud-init/user-data";
import { payloadSettings } from "../../support/settings";

describe("renderLocalUserData()", () => {
    it("is a script whose archive is what was packed", () => {
        const archive = renderArchive(renderPayload(payloadSettings()));
        const script = renderLocalUserData(archive);
        expect(script).toMatch(/^#!\/bin\/sh\nexport NETWORK_WAIT=900\nawk /);
        // What would unpack the archive hands it over instead.
        const handOver = script.replace(/\(umask.*\)$/m, "cat");
        expect(handOver).not.toBe(script);
        for (const shell of ["dash", "bash"]) {
            const bytes = execFileSync(shell, { input: handOver });
            expect(bytes.subarray(0, archive.length)).toEqual(Buffer.from(archive));
            expect(execFileSync("gzip", ["-dc"], { input: bytes })).toEqual(gunzipSync(archive));
        }
    });
});

describe("renderSshUserData()", () => {
    it("holds the keys and nothing of the relay", () => {
        const [first, json] = renderSshUserData("PEM\n", "ssh-rsa AAAA").split("\n");
        expect(first).toBe("#cloud-config");
        expect(JSON.parse(json ?? "")).toEqual({
            write_files: [
                {
                    path: "/root/.ssh/authorized_keys",
                    permissions: "0600",
                    content: "ssh-rsa AAAA\n",
                },
            ],
            ssh_deletekeys: true,
            ssh_keys: { ecdsa_private: "PEM\n" },
            ssh_pwauth: false,
            disable_root: false,
        });
    });
});
