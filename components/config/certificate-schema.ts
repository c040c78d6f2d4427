import { z } from "zod";

import { RESTARTS } from "./changing";
import { field } from "./field";

const pinned = z.strictObject({
    mode: z.literal("pinned"),
    generation: field(z.int().min(1).max(1000).default(1), {
        description:
            "Which certificate of this relay it is: another number makes a new one, for instance before the old one " +
            "expires, or when its key may be known to others. docs/certificates.md says how to keep clients connected.",
        expected: "an integer from 1 to 1000",
        example: "2",
        changing: `${RESTARTS}; changes the pin: clients of the old derpMap cannot connect until they have the new one`,
        default: "1",
    }),
});

const provided = z.strictObject({
    mode: z.literal("provided"),
    certificate: field(z.string().includes("-----BEGIN CERTIFICATE-----"), {
        description:
            "Certificate in PEM, the relay's own first, then its chain. " +
            "A self-signed one stands alone and is pinned in the derpMap.",
        expected: "a certificate in PEM (-----BEGIN CERTIFICATE-----)",
        example: "< relay.crt",
        changing: `${RESTARTS}; a self-signed one changes the pin, so publish the new derpMap`,
    }),
    privateKey: field(z.string().includes("PRIVATE KEY-----"), {
        description: "Private key of the certificate in PEM, without a passphrase.",
        expected: "a private key in PEM",
        example: "< relay.key",
        changing: RESTARTS,
        secret: true,
    }),
});

const email = field(
    z
        .string()
        .regex(/^[A-Za-z0-9._-]{1,64}@([A-Za-z0-9-]+\.)+[A-Za-z]{2,}$/)
        .max(100)
        .optional(),
    {
        description: "E-mail address of the account at Let's Encrypt.",
        expected: "an e-mail address of letters, digits, dots, hyphens and underscores",
        example: "ops@example.com",
        changing: RESTARTS,
        default: "none",
    },
);

const letsencrypt = z.strictObject({ mode: z.literal("letsencrypt"), email });

const certbot = z.strictObject({
    mode: z.literal("certbot"),
    email,
    challenge: field(z.enum(["http-01", "dns-01"]).default("http-01"), {
        description:
            "How certbot proves that the name is the relay's. `http-01`: Let's Encrypt asks port 80, which derper " +
            "lends to certbot for the order. `dns-01`: a record in the domain, made by `dnsHook`, for hosts whose port 80 is closed.",
        expected: "http-01 or dns-01",
        example: "http-01",
        changing: `${RESTARTS}; counts from the next order`,
        default: "http-01",
    }),
    dnsHook: field(
        z
            .string()
            .regex(/^#![^\r]+$/)
            .optional(),
        {
            description:
                "Script for `dns-01` that runs on the machine as the user `derp-relay-certbot`, as `dns-hook add` and as " +
                "`dns-hook remove`: it makes the TXT record `_acme-challenge.$CERTBOT_DOMAIN` with the value `$CERTBOT_VALIDATION`, waits until it is " +
                "known, and removes it. It may hold the credentials for that.",
            expected: "a script that begins with #! and has no carriage returns",
            example: "< dns-hook.sh",
            changing: `${RESTARTS}; counts from the next order`,
            default: "none; `dns-01` needs one",
            secret: true,
        },
    ),
});

/** How a relay proves who it is. */
export const certificateSchema = field(
    z
        .discriminatedUnion("mode", [
            pinned,
            letsencrypt,
            certbot,
            z.strictObject({ mode: z.literal("files") }),
            provided,
        ])
        .optional(),
    {
        description:
            "How the relay proves who it is. `pinned`: a self-signed certificate that Pulumi makes and the derpMap " +
            "pins; clients need Tailscale 1.84 or newer. `letsencrypt`: derper orders one for the hostname and renews it; " +
            "the name must resolve to the relay, which must be on port 443. `certbot`: certbot does, on any port. " +
            "`files`: you bring the files to the machine, with `derp-relay-cert-install`. `provided`: your own " +
            "certificate and key, in this configuration.",
        expected: '"pinned", "letsencrypt", "certbot", "files" or "provided"',
        example: "pinned",
        changing: `${RESTARTS}; publish the new derpMap`,
        default: "`pinned` without a hostname",
    },
);
