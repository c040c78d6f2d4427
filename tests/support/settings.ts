import type { PayloadSettings } from "../../components/cloud-init/payload";
import { VERSIONS } from "../../components/versions";
import { TAILSCALE_CONTROL, type TailnetSettings } from "../../components/verify";
import { goodCertificate } from "./region";

/**
 * Settings of a payload without a fault.
 *
 * @param changes What to set differently.
 * @returns The settings.
 */
export function payloadSettings(changes: Partial<PayloadSettings> = {}): PayloadSettings {
    const { certificate, privateKey } = goodCertificate();
    return {
        hostname: "10.90.0.101",
        address: "10.90.0.101",
        ports: { derp: 443, stun: 3478, http: 80 },
        certificate: { mode: "manual", certificatePem: certificate, privateKeyPem: privateKey },
        guardMetadata: true,
        securityUpdates: true,
        verify: { mode: "none" },
        nodeName: "derp-local",
        home: "blank",
        derperVersion: VERSIONS.tailscale,
        goVersion: VERSIONS.go,
        goZipSha256: VERSIONS.goZipSha256,
        goProxies: ["https://goproxy.cn", "https://proxy.golang.org"],
        ...changes,
    };
}

/**
 * A tailnet without a fault.
 *
 * @param name Its name.
 * @param changes What to set differently.
 * @returns The tailnet.
 */
export function tailnet(name: string, changes: Partial<TailnetSettings> = {}): TailnetSettings {
    const authKey = `tskey-auth-k${name}CNTRL-secretsecret`;
    return { name, authKey, loginServer: TAILSCALE_CONTROL, ...changes };
}
