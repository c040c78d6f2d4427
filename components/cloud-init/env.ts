import type { TailnetSettings, VerifySettings } from "../verify";

/** Which clients may use the relay, without the auth keys: those are files of the payload. */
type Verify =
    | Exclude<VerifySettings, { readonly mode: "tailscale" }>
    | {
          /** `tailscale`: the members of tailnets. */
          readonly mode: "tailscale";
          /** One or more. */
          readonly tailnets: readonly Omit<TailnetSettings, "authKey">[];
      };

/** What of a relay its machine is told; nothing in it is secret. */
export interface RelaySettings {
    /** DNS name, or the IPv4 address when there is none. */
    readonly hostname: string;
    /** IPv4 address that clients dial. */
    readonly address: string;
    /** What the relay proves itself with. */
    readonly certificate:
        | {
              /** Files of the payload. */
              readonly mode: "manual";
          }
        | {
              /** What derper orders itself. */
              readonly mode: "letsencrypt";
              /** E-mail address of the account at Let's Encrypt. */
              readonly email?: string | undefined;
          }
        | {
              /** Files that somebody brings to the machine. */
              readonly mode: "files";
          }
        | {
              /** Files that certbot orders on the machine. */
              readonly mode: "certbot";
              /** E-mail address of the account at Let's Encrypt. */
              readonly email?: string | undefined;
              /** How it proves that the name is the relay's. */
              readonly challenge: "http-01" | "dns-01";
          };
    /** Ports to listen on; without `http`, plain HTTP is closed. */
    readonly ports: { readonly derp: number; readonly stun: number; readonly http?: number };
    /** Which clients may use the relay. */
    readonly verify: Verify;
    /** Name of the machine in the tailnets that it joins. */
    readonly nodeName: string;
    /** What the relay shows to browsers: nothing, derper's own page, or a redirect to a URL. */
    readonly home: string;
    /** Outgoing bandwidth in Mbit/s; absent for no limit. */
    readonly bandwidthMbps?: number;
    /** Version of `tailscale.com` to build derper from, such as `v1.102.5`. */
    readonly derperVersion: string;
    /** Version of the Go toolchain that builds it, such as `1.26.8`. */
    readonly goVersion: string;
    /** SHA-256 of the toolchain's zip for each processor. */
    readonly goZipSha256: { readonly amd64: string; readonly arm64: string };
    /** Go module proxies, in the order in which they are tried. */
    readonly goProxies: readonly string[];
}

/**
 * Part of the bandwidth that one client may fill: the rest keeps small packets of others quick.
 * Measured at 5 Mbit/s, where 450 kB/s brought them from over 100 ms to 2 ms (p99).
 */
const SHARE = 0.72;
/** Where the machine's own admission service answers for several tailnets; `files/admission.go` has it, too. */
const ADMISSION_URL = "http://127.0.0.1:33478/";
/** Neither a shell nor systemd acts on any of these. */
const HARMLESS = /^[A-Za-z0-9.,:/=_~ @-]*$/;
/**
 * Renders `relay.env`, which the installer and systemd read: `RELAY_` values reach the relay,
 * `BUILD_` values only its next build.
 *
 * @param settings What the machine is told.
 * @returns Lines of `NAME='value'`.
 * @throws {RangeError} If a value has characters that a shell or systemd could act on.
 */
export function renderEnv(settings: RelaySettings): string {
    const rate = rateBytes(settings.bandwidthMbps);
    const values: Readonly<Record<string, string>> = {
        RELAY_HOSTNAME: settings.hostname,
        ...certificateValues(settings),
        RELAY_DERP_PORT: String(settings.ports.derp),
        RELAY_STUN_PORT: String(settings.ports.stun),
        RELAY_HTTP_PORT: String(settings.ports.http ?? -1),
        RELAY_RATE_BYTES: rate,
        ...verifyValues(settings),
        RELAY_ARGS: [
            ...verifyArguments(settings.verify),
            ...(settings.home === "page" ? [] : [`-home=${settings.home}`]),
            ...accountArguments(settings.certificate),
            ...(rate === "" ? [] : ["-rate-config=/etc/derp-relay/rate.json"]),
        ].join(" "),
        BUILD_DERPER_VERSION: settings.derperVersion,
        BUILD_GO_VERSION: settings.goVersion,
        BUILD_GO_SHA256_AMD64: settings.goZipSha256.amd64,
        BUILD_GO_SHA256_ARM64: settings.goZipSha256.arm64,
        BUILD_GO_PROXIES: settings.goProxies.join(","),
    };
    return Object.entries(values)
        .map(([name, value]) => `${name}='${harmless(name, value)}'\n`)
        .join("");
}

function rateBytes(bandwidthMbps: number | undefined): string {
    return bandwidthMbps === undefined ? "" : String(Math.round((bandwidthMbps * 1e6 * SHARE) / 8));
}

function accountArguments(certificate: RelaySettings["certificate"]): string[] {
    return certificate.mode !== "letsencrypt" || certificate.email === undefined
        ? []
        : [`-acme-email=${certificate.email}`];
}

/** Derper finds its certificates as files, or orders its own, which outlive every installation. */
function certificateValues({ certificate, address }: RelaySettings): Record<string, string> {
    const manual = {
        RELAY_CERT_MODE: "manual",
        RELAY_CERT_FOLDER: "/etc/derp-relay/certs",
    };
    switch (certificate.mode) {
        case "letsencrypt":
            return {
                RELAY_CERT_MODE: "letsencrypt",
                RELAY_CERT_FOLDER: "/var/lib/derper/certs",
                RELAY_ADDRESS: address,
            };
        case "certbot":
            return {
                ...manual,
                RELAY_FILES: "certbot",
                RELAY_ADDRESS: address,
                RELAY_ACME_EMAIL: certificate.email ?? "",
                RELAY_CHALLENGE: certificate.challenge,
            };
        case "files":
            return { ...manual, RELAY_FILES: "files" };
        case "manual":
            return manual;
    }
}

function verifyValues({ verify, nodeName }: RelaySettings): Record<string, string> {
    return {
        // What the health check asks as derper does: without an answer nobody gets in.
        RELAY_VERIFY_URL: failsOpen(verify) ? "" : (verifyUrl(verify) ?? ""),
        ...(verify.mode === "tailscale" && {
            RELAY_TAILNETS: verify.tailnets
                .map(({ name, loginServer }) => `${name}=${loginServer}`)
                .join(" "),
            BUILD_DOMAINS: verify.tailnets
                .flatMap(({ name, domain }) => (domain === undefined ? [] : [`${name}=${domain}`]))
                .join(" "),
            BUILD_NODE_NAME: nodeName,
        }),
    };
}

/** Derper can ask one tailscaled by itself; for several the admission service does. */
function verifyUrl(verify: Verify): string | undefined {
    switch (verify.mode) {
        case "none":
            return undefined;
        case "url":
            return verify.url;
        case "tailscale":
            return verify.tailnets.length > 1 ? ADMISSION_URL : undefined;
    }
}

function failsOpen(verify: Verify): boolean {
    return verify.mode === "url" && verify.failOpen;
}

function verifyArguments(verify: Verify): string[] {
    const url = verifyUrl(verify);
    if (url !== undefined) {
        // Derper's own default is true.
        const open = String(failsOpen(verify));
        return [`-verify-client-url=${url}`, `-verify-client-url-fail-open=${open}`];
    }
    const [tailnet] = verify.mode === "tailscale" ? verify.tailnets : [];
    return tailnet === undefined
        ? []
        : ["-verify-clients", `-socket=/run/derp-relay-tailscaled/${tailnet.name}/tailscaled.sock`];
}

function harmless(name: string, value: string): string {
    if (!HARMLESS.test(value)) {
        throw new RangeError(
            `${name} must be letters, digits and . , : / = _ ~ @ - only: got ${JSON.stringify(value)}`,
        );
    }
    return value;
}
