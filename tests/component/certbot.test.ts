import { gunzipSync } from "node:zlib";

import { deployRegion, openSecret } from "../support/cloud-regions";

const SSH = { allowFrom: ["203.0.113.7/32"] };
const PLACE = { driver: "alicloud", zone: "cn-shanghai-b", ssh: SSH };
const COMMAND = "command:remote:Command";
const RULE = "alicloud:ecs/securityGroupRule:SecurityGroupRule";
const REGION = "derp:index:DerpRegion";
const RELAY = { place: PLACE, hostname: "relay.example.com", ports: { derp: 8443, http: -1 } };
const HOOK = "#!/bin/sh\nTOKEN=abc123\n";

const scriptOf = (input: unknown) =>
    gunzipSync(Buffer.from(openSecret(input) as string, "base64")).toString();

describe("DerpRegion with certbot", () => {
    it("makes no certificate, and opens the port of HTTP-01", async () => {
        const { list, inputsOf } = await deployRegion({
            ...RELAY,
            certificate: { mode: "certbot", email: "ops@example.com" },
        });
        expect(list.filter((line) => line.includes("selfSignedCert"))).toEqual([]);
        expect(inputsOf(RULE, "hangzhou-tcp-80")).toMatchObject({
            portRange: "80/80",
            cidrIp: "0.0.0.0/0",
            description: "orders of certificates",
        });
        const script = scriptOf(inputsOf(COMMAND).stdin);
        expect(script).toContain("RELAY_ACME_EMAIL='ops@example.com'\nRELAY_CHALLENGE='http-01'\n");
        expect(script).toContain("RELAY_ADDRESS='203.0.113.10'\n");
        expect(script).not.toContain("PRIVATE KEY-----\n");
    });

    it("opens no port for DNS-01, and shows the hook to nobody but the machine", async () => {
        const { list, inputsOf } = await deployRegion({
            ...RELAY,
            certificate: { mode: "certbot", challenge: "dns-01", dnsHook: HOOK },
        });
        expect(list).not.toContain(`${RULE} hangzhou-tcp-80`);
        expect(inputsOf(REGION)).toMatchObject({
            certificate: { mode: "certbot", challenge: "dns-01" },
        });
        expect(JSON.stringify(inputsOf(REGION))).not.toContain("abc123");
        expect(scriptOf(inputsOf(COMMAND).stdin)).toContain(`<<'_E_'\n${HOOK}_E_`);
    });
});
