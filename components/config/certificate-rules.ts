import { checkCertificate } from "../certificates/certificate";
import { CHALLENGE_PORT } from "../ports";
import type { BrokenRule } from "./broken-rule";
import { isCloud } from "./place-schema";
import type { RegionConfig } from "./schema";

type Certificate = NonNullable<RegionConfig["certificate"]>;

/**
 * Checks what a region's certificate mode asks of the rest of it.
 *
 * @param region The region.
 * @param address Address that its clients dial, where it is known before anything exists.
 * @param now Time of the check.
 * @returns Every broken rule.
 */
export function checkRegionCertificate(
    region: RegionConfig,
    address: string | undefined,
    now: Date,
): BrokenRule[] {
    const { certificate, hostname } = region;
    if (certificate === undefined) {
        return checkDefault(hostname);
    }
    switch (certificate.mode) {
        case "pinned":
            return [];
        case "letsencrypt":
            return checkLetsencrypt(region);
        case "certbot":
            return checkCertbot(region, certificate);
        case "files":
            return checkFiles(region);
        case "provided":
            return checkProvided(certificate, hostname ?? address, now);
    }
}

function checkProvided(
    certificate: Extract<Certificate, { mode: "provided" }>,
    host: string | undefined,
    now: Date,
): BrokenRule[] {
    return checkCertificate(certificate, host, now).map(({ value, reason }) => ({
        path: ["certificate", value],
        reason,
    }));
}

/** With a hostname there are several good ways, so none is the default. */
function checkDefault(hostname: string | undefined): BrokenRule[] {
    const modes = '"pinned", "letsencrypt", "certbot", "files" or "provided"';
    return hostname === undefined
        ? []
        : [{ path: ["certificate"], reason: `must be ${modes} with a hostname: got nothing` }];
}

/** Derper orders certificates on port 443 only; on another one it would serve without TLS, and not say so. */
function checkLetsencrypt({ hostname, ports }: RegionConfig): BrokenRule[] {
    const mode = "with certificate.mode letsencrypt";
    return [
        ...(ports.derp === 443
            ? []
            : [
                  {
                      path: ["ports", "derp"],
                      reason: `must be 443 ${mode}: got ${String(ports.derp)}`,
                      better: "443",
                  },
              ]),
        ...(hostname === undefined
            ? [{ path: ["hostname"], reason: `must be given ${mode}: got nothing` }]
            : []),
    ];
}

/** Certbot answers HTTP-01 itself, on a port that derper's plain HTTP lends it, and DERP does not. */
function checkCertbot(
    { hostname, ports }: RegionConfig,
    { challenge, dnsHook }: Extract<Certificate, { mode: "certbot" }>,
): BrokenRule[] {
    const mode = "with certificate.mode certbot";
    return [
        ...(hostname === undefined
            ? [{ path: ["hostname"], reason: `must be given ${mode}: got nothing` }]
            : []),
        ...(challenge === "http-01" && ports.derp === CHALLENGE_PORT
            ? [
                  {
                      path: ["ports", "derp"],
                      reason: `must not be ${String(CHALLENGE_PORT)} with challenge http-01, which certbot answers there`,
                      better: "443",
                  },
              ]
            : []),
        ...checkHook(challenge, dnsHook),
    ];
}

function checkHook(challenge: "http-01" | "dns-01", dnsHook: string | undefined): BrokenRule[] {
    const path = ["certificate", "dnsHook"];
    if (challenge === "dns-01" && dnsHook === undefined) {
        return [{ path, reason: "must be given with challenge dns-01: got nothing" }];
    }
    return challenge === "http-01" && dnsHook !== undefined
        ? [
              {
                  path: ["certificate", "challenge"],
                  reason: "must be dns-01 with a dnsHook: got http-01",
                  better: "dns-01",
              },
          ]
        : [];
}

/** Somebody has to get onto the machine. */
function checkFiles({ place }: RegionConfig): BrokenRule[] {
    return isCloud(place) && place.ssh === undefined
        ? [
              {
                  path: ["place", "ssh", "allowFrom"],
                  reason: "must be given with certificate.mode files, which you bring to the machine: got nothing",
              },
          ]
        : [];
}
