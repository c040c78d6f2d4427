import { readdirSync } from "node:fs";
import { join } from "node:path";

import { payloadDigest, renderPayload } from "../../../components/cloud-init/payload";
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
