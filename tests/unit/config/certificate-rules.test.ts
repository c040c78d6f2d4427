import { parseRegions } from "../../../components/config/parse";
import { makeCertificate } from "../../support/certificates";
import { messageOf, rawRegion, source } from "../../support/region";

const SOURCE = source({ stack: "prod" });
const SET = "pulumi config set --stack prod --path";

const parse = (...regions: unknown[]) => parseRegions(regions, SOURCE);

describe("parseRegions() of certificates", () => {
    it("fault 04: refuses letsencrypt on another port than 443, and without a hostname", () => {
        const certificate = { mode: "letsencrypt" };
        expect(
            messageOf(() => parse(rawRegion({ certificate, ports: { derp: 8443 } }))).split("\n"),
        ).toEqual([
            "2 problems in the configuration of stack prod",
            "  regions[0].ports.derp must be 443 with certificate.mode letsencrypt: got 8443",
            `    fix: ${SET} 'derp:regions[0].ports.derp' 443`,
            "  regions[0].hostname must be given with certificate.mode letsencrypt: got nothing",
            `    fix: ${SET} 'derp:regions[0].hostname' hgh.derp.example.com`,
        ]);
    });

    it("leaves port 80 to certbot with http-01, and wants a hostname", () => {
        const certificate = { mode: "certbot" };
        const ports = { derp: 80, http: -1 };
        expect(messageOf(() => parse(rawRegion({ certificate, ports }))).split("\n")).toEqual([
            "2 problems in the configuration of stack prod",
            "  regions[0].hostname must be given with certificate.mode certbot: got nothing",
            `    fix: ${SET} 'derp:regions[0].hostname' hgh.derp.example.com`,
            "  regions[0].ports.derp must not be 80 with challenge http-01, which certbot answers there",
            `    fix: ${SET} 'derp:regions[0].ports.derp' 443`,
        ]);
    });

    it("wants a hook with dns-01, and only then, and never shows it", () => {
        const hostname = "relay.example.com";
        const message = (challenge: string, dnsHook?: string) =>
            messageOf(() =>
                parse(
                    rawRegion({
                        ...{ hostname, ports: { http: -1 } },
                        certificate: { mode: "certbot", challenge, dnsHook },
                    }),
                ),
            );
        expect(message("dns-01")).toContain(
            "  regions[0].certificate.dnsHook must be given with challenge dns-01: got nothing\n" +
                `    fix: ${SET.replace(" --path", " --secret --path")} 'derp:regions[0].certificate.dnsHook' < dns-hook.sh`,
        );
        expect(message("http-01", "#!/bin/sh\nTOKEN=x\n")).toContain(
            "regions[0].certificate.challenge must be dns-01 with a dnsHook: got http-01",
        );
        const bad = message("dns-01", "TOKEN=123456");
        expect(bad).toContain(
            "dnsHook must be a script that begins with #! and has no carriage returns: got [secret]",
        );
        expect(bad).not.toContain("123456");
        expect(message("tls-alpn-01")).toContain(
            'regions[0].certificate.challenge must be http-01 or dns-01: got "tls-alpn-01"',
        );
    });

    it("wants a way onto the machine for files", () => {
        const place = { driver: "alicloud", zone: "cn-shanghai-b" };
        const certificate = { mode: "files" };
        for (const ssh of [{}, { ssh: { allowFrom: [] } }]) {
            const raw = rawRegion({ place: { ...place, ...ssh }, certificate });
            expect(messageOf(() => parse(raw)).split("\n")).toContain(
                "    fix: pulumi config set --stack prod --path 'derp:regions[0].place.ssh.allowFrom[0]' 203.0.113.7/32",
            );
        }
        expect(messageOf(() => parse(rawRegion({ place, certificate })))).toContain(
            "regions[0].place.ssh.allowFrom must be given with certificate.mode files, " +
                "which you bring to the machine: got nothing",
        );
        expect(parse(rawRegion({ certificate }))).toMatchObject([{ certificate }]);
    });

    it.each(["ops", "ops@localhost", "o'ps@example.com", "ops@example.com -dev"])(
        "refuses the e-mail address %j",
        (email) => {
            const certificate = { mode: "letsencrypt", email };
            expect(
                messageOf(() => parse(rawRegion({ hostname: "a.example.com", certificate }))),
            ).toContain("regions[0].certificate.email must be an e-mail address of letters");
        },
    );

    it("refuses a certificate for another address", () => {
        const pair = makeCertificate({ name: "IP:10.90.0.7" });
        const message = messageOf(() =>
            parse(rawRegion({ certificate: { mode: "provided", ...pair } })),
        );
        expect(message).toContain(
            "regions[0].certificate.certificate must be issued for 10.90.0.101: got IP Address:10.90.0.7",
        );
    });
});
