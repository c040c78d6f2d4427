import { parseCertificate, pinOf } from "./certificates/certificate";
import type { DerpRegionArgs } from "./derp-region";
import type { DnsSettings } from "./dns/record";
import type { Place } from "./drivers/index";
import type { VerifySettings } from "./verify";

/**
 * What a preview shows of a region's arguments: everything that people care about, and no secret.
 *
 * @param args The arguments.
 * @returns What of them the engine is told.
 */
export function visibleInputs(args: DerpRegionArgs): object {
    return {
        ...args,
        place: withoutSecrets(args.place),
        ...(args.dns && { dns: withoutSecrets(args.dns) }),
        certificate: visibleCertificate(args.certificate),
        verify: visibleVerify(args.verify),
    };
}

/** Credentials and keys are no part of what changes on a relay. */
function withoutSecrets(settings: Place | DnsSettings): object {
    const shown = Object.entries(settings).filter(
        ([key]) => key !== "credentials" && key !== "privateKey",
    );
    return Object.fromEntries(shown);
}

function visibleCertificate(certificate: DerpRegionArgs["certificate"]): object {
    if (certificate.mode === "certbot") {
        const { mode, email, challenge } = certificate;
        return { mode, email, challenge };
    }
    if (certificate.mode !== "provided") {
        return certificate;
    }
    const parsed = parseCertificate(certificate.certificate);
    const { mode } = certificate;
    return parsed === undefined
        ? { mode }
        : { mode, sha256: pinOf(parsed.leaf), validTo: parsed.leaf.validTo };
}

function visibleVerify(verify: VerifySettings): object {
    return verify.mode === "tailscale"
        ? {
              mode: verify.mode,
              tailnets: verify.tailnets.map(({ name, loginServer, domain }) => ({
                  ...{ name, loginServer },
                  ...(domain !== undefined && { domain }),
              })),
          }
        : verify;
}
