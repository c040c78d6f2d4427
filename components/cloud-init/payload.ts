import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { join } from "node:path";

import type { VerifySettings } from "../verify";
import { withoutComments } from "./comments";
import { type RelaySettings, renderEnv } from "./env";

/** What a machine is to run: every file with its text. */
export type Payload = Readonly<Record<string, string>>;

/** A certificate as files. */
export interface CertificateFiles {
    /** Certificate in PEM, the relay's own first. */
    readonly certificatePem: string;
    /** Its private key in PEM; a secret. */
    readonly privateKeyPem: string;
}

/** Everything that makes one relay different from another. */
export interface PayloadSettings extends RelaySettings {
    /** Which clients may use the relay, with the auth keys of the tailnets; those are secrets. */
    readonly verify: VerifySettings;
    /** Whether only root may ask the cloud's metadata service, on a machine that is the relay's own. */
    readonly guardMetadata: boolean;
    /** Whether the machine installs its system's security updates by itself. */
    readonly securityUpdates: boolean;
    /** What the relay proves itself with. */
    readonly certificate:
        | ({ readonly mode: "manual" } & CertificateFiles)
        | Extract<RelaySettings["certificate"], { mode: "letsencrypt" | "files" }>
        | (Extract<RelaySettings["certificate"], { mode: "certbot" }> & {
              /** Script that makes and removes the record of a DNS-01 challenge; a secret. */
              readonly dnsHook?: string | undefined;
          });
}

/** Files that are the same on every machine, in `files/`. */
const FILES = [
    ...["90-derp-relay.conf", "common.sh", "health.sh", "system.sh", "service.sh", "build.sh"],
    ...["install.sh", "firewall.nft", "derper.service", "derp-relay-firewall.service"],
    ...["derp-relay-health.service", "derp-relay-health.timer", "derp-relay-repair.service"],
] as const;
/** What installs a certificate that comes as files. */
const INSTALL_FILES = ["files.sh", "cert-install.sh", "served.sh"] as const;
/** What orders such files. */
const CERTBOT_FILES = [
    ...["certbot.sh", "record.sh", "derp-relay-certbot.service", "derp-relay-certbot.timer"],
    ...["derp-relay-certbot-port.service", "derp-relay-cert-install.service"],
] as const;
/** Files that only some machines get: commands are small. */
const GUARD_FILES = ["metadata.nft"] as const;
/** The same for every tailnet that clients may be of. */
const TAILNET_FILES = ["derp-relay-tailscaled@.service", "tailnets.sh"] as const;
/** What answers for several. */
const ADMISSION_FILES = ["derp-relay-admission.service", "admission.go"] as const;
const FOLDER = join(__dirname, "files");
/**
 * Puts together what a machine is to run: the real files of this project and, as the only
 * generated one, `relay.env`.
 *
 * @param settings What is special about this relay.
 * @returns The files. They hold the private key: keep them secret.
 * @throws {RangeError} If a setting has characters that a shell or systemd could act on.
 */
export function renderPayload(settings: PayloadSettings): Payload {
    return {
        "relay.env": renderEnv(settings),
        ...readFiles(FILES),
        ...(settings.guardMetadata ? readFiles(GUARD_FILES) : {}),
        // Only what switches them off again, where nobody wants them: it needs no room where they are on.
        ...readFiles([settings.securityUpdates ? "updates.sh" : "no-updates.sh"]),
        ...tailnetFiles(settings.verify),
        ...certificateFiles(settings.certificate),
    };
}

/** Each auth key is a file of its own, so that it never stands on a command line. */
function tailnetFiles(verify: VerifySettings): Payload {
    if (verify.mode !== "tailscale") {
        return {};
    }
    const { tailnets } = verify;
    return {
        ...readFiles(TAILNET_FILES),
        ...(tailnets.length > 1 && readFiles(ADMISSION_FILES)),
        ...Object.fromEntries(tailnets.map(({ name, authKey }) => [`auth-key.${name}`, authKey])),
    };
}

/** What only one way to a certificate needs. */
function certificateFiles(certificate: PayloadSettings["certificate"]): Payload {
    switch (certificate.mode) {
        case "manual":
            return {
                "relay.crt": certificate.certificatePem,
                "relay.key": certificate.privateKeyPem,
            };
        case "letsencrypt":
            return readFiles(["acme.sh", "record.sh"]);
        case "files":
            return readFiles(INSTALL_FILES);
        case "certbot": {
            const { dnsHook } = certificate;
            return {
                ...readFiles([...INSTALL_FILES, ...CERTBOT_FILES]),
                ...(dnsHook === undefined ? {} : { "dns-hook": dnsHook }),
            };
        }
    }
}

/**
 * Digest of a payload: changes when, and only when, what the machine is to run changes.
 *
 * @param payload The payload.
 * @returns SHA-256 in lower-case hex. Tells nothing of the private key.
 */
export function payloadDigest(payload: Payload): string {
    return createHash("sha256").update(JSON.stringify(payload)).digest("hex");
}

/**
 * What a machine tells of the payload that it runs: the beginning of its digest.
 *
 * @param digest From {@link payloadDigest}.
 * @returns 12 hexadecimal digits.
 */
export function shortDigest(digest: string): string {
    return digest.slice(0, 12);
}

function readFiles(names: readonly string[]): Payload {
    const read = (name: string) => readFileSync(join(FOLDER, name), "utf8");
    const mark = (name: string) => (name.endsWith(".go") ? "//" : "#");
    return Object.fromEntries(names.map((name) => [name, withoutComments(read(name), mark(name))]));
}
