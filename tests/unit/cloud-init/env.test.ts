import { execFileSync } from "node:child_process";

import * as fc from "fast-check";

import { renderEnv } from "../../../components/cloud-init/env";
import type { PayloadSettings } from "../../../components/cloud-init/payload";
import { payloadSettings, tailnet } from "../../support/settings";

/** What a shell reads from the file as the host name. */
const readBack = (settings: PayloadSettings): string => {
    let env: string;
    try {
        env = renderEnv(settings);
    } catch (error) {
        return error instanceof RangeError ? "refused" : "crashed";
    }
    return execFileSync("sh", ["-c", `${env}printf %s "$RELAY_HOSTNAME"`]).toString();
};

describe("renderEnv()", () => {
    it("writes every option where the installer and systemd read it", () => {
        expect(
            renderEnv(
                payloadSettings({
                    hostname: "hgh.derp.example.com",
                    ports: { derp: 8443, stun: 3479 },
                    verify: {
                        ...{ mode: "url", url: "https://headscale.example.com/verify" },
                        failOpen: false,
                    },
                    bandwidthMbps: 5,
                    certificate: { mode: "letsencrypt", email: "ops@example.com" },
                }),
            ).split("\n"),
        ).toEqual([
            "RELAY_HOSTNAME='hgh.derp.example.com'",
            "RELAY_CERT_MODE='letsencrypt'",
            "RELAY_CERT_FOLDER='/var/lib/derper/certs'",
            "RELAY_ADDRESS='10.90.0.101'",
            "RELAY_DERP_PORT='8443'",
            "RELAY_STUN_PORT='3479'",
            "RELAY_HTTP_PORT='-1'",
            "RELAY_RATE_BYTES='450000'",
            "RELAY_VERIFY_URL='https://headscale.example.com/verify'",
            "RELAY_ARGS='-verify-client-url=https://headscale.example.com/verify -verify-client-url-fail-open=false -home=blank -acme-email=ops@example.com -rate-config=/etc/derp-relay/rate.json'",
            "BUILD_DERPER_VERSION='v1.102.5'",
            "BUILD_GO_VERSION='1.26.8'",
            expect.stringMatching(/^BUILD_GO_SHA256_AMD64='[0-9a-f]{64}'$/),
            expect.stringMatching(/^BUILD_GO_SHA256_ARM64='[0-9a-f]{64}'$/),
            "BUILD_GO_PROXIES='https://goproxy.cn,https://proxy.golang.org'",
            "",
        ]);
    });

    it("lets everybody in while an endpoint is away only where that is asked for", () => {
        const verify = { mode: "url", url: "https://admit.example.com/", failOpen: true } as const;
        expect(renderEnv(payloadSettings({ verify })).split("\n")).toEqual(
            expect.arrayContaining([
                "RELAY_VERIFY_URL=''",
                "RELAY_ARGS='-verify-client-url=https://admit.example.com/ -verify-client-url-fail-open=true -home=blank'",
            ]),
        );
    });

    it("has derper ask the one tailscaled by itself", () => {
        const verify = { mode: "tailscale", tailnets: [tailnet("home")] } as const;
        const lines = renderEnv(payloadSettings({ verify })).split("\n");
        expect(lines).toEqual(
            expect.arrayContaining([
                "RELAY_VERIFY_URL=''",
                "RELAY_TAILNETS='home=https://controlplane.tailscale.com'",
                "RELAY_ARGS='-verify-clients -socket=/run/derp-relay-tailscaled/home/tailscaled.sock -home=blank'",
                "BUILD_NODE_NAME='derp-local'",
            ]),
        );
        expect(lines.join()).not.toContain("tskey");
    });

    it("needs no auth keys for that, so that none can get into what everybody on the machine may read", () => {
        const home = { name: "home", loginServer: "https://headscale.example.com" };
        const verify = { mode: "tailscale", tailnets: [home] } as const;
        expect(renderEnv({ ...payloadSettings(), verify })).toContain(
            "RELAY_TAILNETS='home=https://headscale.example.com'",
        );
    });

    it("has the admission service ask several, and refuses everybody when it is down", () => {
        const friends = tailnet("friends", {
            ...{ loginServer: "http://10.0.0.1:8080", domain: "friends.example.com" },
        });
        const verify = { mode: "tailscale", tailnets: [tailnet("home"), friends] } as const;
        const lines = renderEnv(payloadSettings({ verify })).split("\n");
        expect(lines).toEqual(
            expect.arrayContaining([
                "RELAY_VERIFY_URL='http://127.0.0.1:33478/'",
                "RELAY_TAILNETS='home=https://controlplane.tailscale.com friends=http://10.0.0.1:8080'",
                "BUILD_DOMAINS='friends=friends.example.com'",
                "RELAY_ARGS='-verify-client-url=http://127.0.0.1:33478/ -verify-client-url-fail-open=false -home=blank'",
            ]),
        );
    });

    it.each([
        ["page", ""],
        ["https://www.example.com/a", "-home=https://www.example.com/a"],
    ])("shows browsers %s", (home, args) => {
        expect(renderEnv(payloadSettings({ home }))).toContain(`RELAY_ARGS='${args}'\n`);
    });

    it("fault 02: refuses what a shell would act on, and names the value", () => {
        expect(() => renderEnv(payloadSettings({ hostname: "a.example.com'; reboot" }))).toThrow(
            new RangeError(
                "RELAY_HOSTNAME must be letters, digits and . , : / = _ ~ @ - only: " +
                    'got "a.example.com\'; reboot"',
            ),
        );
    });

    it("fault 02: either refuses a text or hands it to a shell unchanged", () => {
        fc.assert(
            fc.property(fc.string({ maxLength: 12 }), (hostname) => {
                const settings = payloadSettings({ hostname });
                expect(["refused", hostname]).toContain(readBack(settings));
            }),
            { numRuns: 60 },
        );
    });
});
