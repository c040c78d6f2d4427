import { execFileSync } from "node:child_process";
import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gunzipSync } from "node:zlib";

import {
    payloadDigest,
    renderArchive,
    renderPayload,
    renderSshUserData,
    renderUserData,
    shortDigest,
    withoutComments,
} from "../../../components/cloud-init/payload";
import { payloadSettings, tailnet } from "../../support/settings";

const FILES = join(__dirname, "../../../components/cloud-init/files");

/** Files that only some ways to a certificate have. */
const ACME = ["acme.sh", "record.sh"];
const INSTALL = ["files.sh", "cert-install.sh", "served.sh"];
const CERTBOT = [
    ...["certbot.sh", "record.sh", "derp-relay-certbot.service", "derp-relay-certbot.timer"],
    ...["derp-relay-certbot-port.service", "derp-relay-cert-install.service"],
];

describe("renderPayload()", () => {
    const made = ["relay.env", "relay.crt", "relay.key"];
    const several = ["admission.go", "derp-relay-admission.service"];
    const tailnets = ["tailnets.sh", "derp-relay-tailscaled@.service"];
    const files = (...names: readonly string[]) => {
        const verify = { mode: "tailscale", tailnets: names.map((name) => tailnet(name)) } as const;
        const settings = names.length === 0 ? payloadSettings() : payloadSettings({ verify });
        return Object.keys(renderPayload(settings)).sort();
    };

    it("holds every file of the folder, three that are made for the relay, and each tailnet's key", () => {
        const special = [...ACME, ...INSTALL, ...CERTBOT, "no-updates.sh"];
        const folder = readdirSync(FILES).filter((name) => !special.includes(name));
        const all = [...folder, ...made, "auth-key.friends", "auth-key.home"];
        expect(files("home", "friends")).toEqual(all.sort());
    });

    it("leaves out what only several tailnets need, or any", () => {
        const one = files("home", "friends").filter((name) => !several.includes(name));
        expect(files("home")).toEqual(one.filter((name) => name !== "auth-key.friends"));
        const none = one.filter((name) => !tailnets.includes(name) && !name.startsWith("auth-key"));
        expect(files()).toEqual(none);
    });

    it.each([
        ["files", { mode: "files" }, INSTALL],
        ["certbot", { mode: "certbot", challenge: "http-01" }, [...INSTALL, ...CERTBOT]],
        [
            "certbot with a hook",
            { mode: "certbot", challenge: "dns-01", dnsHook: "#!/bin/sh\n" },
            [...INSTALL, ...CERTBOT, "dns-hook"],
        ],
    ] as const)("holds what brings the certificate with %s, and none", (_, certificate, own) => {
        const usual = files().filter((name) => !/^relay\.(crt|key)$/.test(name));
        expect(Object.keys(renderPayload(payloadSettings({ certificate }))).sort()).toEqual(
            [...usual, ...own].sort(),
        );
    });

    it("holds no certificate where derper orders one, but what watches over the order", () => {
        const settings = payloadSettings({ certificate: { mode: "letsencrypt" } });
        const ordered = Object.keys(renderPayload(settings));
        expect(ordered).toContain("acme.sh");
        expect(ordered).not.toContain("relay.crt");
        expect(ordered).not.toContain("relay.key");
    });

    it("leaves out what guards the machine where it is not the relay's own", () => {
        const bare = renderPayload(
            payloadSettings({ guardMetadata: false, securityUpdates: false }),
        );
        expect(files().filter((name) => !(name in bare))).toEqual(["metadata.nft", "updates.sh"]);
        expect(Object.keys(bare).filter((name) => !files().includes(name))).toEqual([
            "no-updates.sh",
        ]);
    });

    it("leaves out closed plain HTTP and unlimited bandwidth", () => {
        const env = renderPayload(payloadSettings({ ports: { derp: 443, stun: 3478 } }))[
            "relay.env"
        ];
        expect(env).toContain("RELAY_HTTP_PORT='-1'\n");
        expect(env).toContain("RELAY_ARGS='-home=blank'\n");
    });
});

describe("payloadDigest()", () => {
    it("changes with what the machine is to run, and with nothing else", () => {
        const digest = (settings = payloadSettings()) => payloadDigest(renderPayload(settings));
        expect(digest()).toBe(digest());
        expect(digest(payloadSettings({ bandwidthMbps: 5 }))).not.toBe(digest());
    });
});

describe("renderArchive()", () => {
    it("is the same for the same payload, and unpacks to it", () => {
        const payload = renderPayload(payloadSettings());
        const archive = renderArchive(payload);
        expect(renderArchive(payload)).toEqual(archive);
        const folder = mkdtempSync(join(tmpdir(), "derp-relay-test-"));
        execFileSync("sh", { cwd: folder, input: gunzipSync(archive) });
        const unpacked = readdirSync(folder).map((name) => [
            name,
            readFileSync(join(folder, name), "utf8"),
        ]);
        rmSync(folder, { recursive: true });
        const digest = shortDigest(payloadDigest(payload));
        expect(Object.fromEntries(unpacked)).toEqual({ ...payload, digest: `${digest}\n` });
    });

    it("refuses a file that would end early", () => {
        expect(() => renderArchive({ x: "a\n_E_\nreboot\n" })).toThrow(
            new RangeError("x must not have the line _E_"),
        );
    });
});

describe("renderUserData()", () => {
    it("is a script whose archive is what was packed", () => {
        const archive = renderArchive(renderPayload(payloadSettings()));
        const script = renderUserData(archive);
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

describe("withoutComments()", () => {
    const shell = readdirSync(FILES).filter((name) => name.endsWith(".sh"));

    it.each(shell)("takes nothing but comments out of %s", (name) => {
        const minified = (text: string) =>
            execFileSync("shfmt", ["-mn"], { input: text }).toString();
        const text = readFileSync(join(FILES, name), "utf8");
        expect(minified(withoutComments(text))).toBe(minified(text));
        expect(withoutComments(text).length).toBeLessThan(text.length);
    });

    it("takes nothing but comments out of the Go program", () => {
        const text = readFileSync(join(FILES, "admission.go"), "utf8");
        const lines = text.split("\n").map((line) => line.trim());
        const code = lines.filter((line) => line !== "" && !line.startsWith("//"));
        expect(withoutComments(text, "//")).toBe(`${code.join("\n")}\n`);
    });

    it("keeps the line that names the interpreter", () => {
        expect(withoutComments("#!/bin/sh\n# why\n\n  echo '#'\n\t# x\n")).toBe(
            "#!/bin/sh\necho '#'\n",
        );
    });
});
