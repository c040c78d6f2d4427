import { rmSync } from "node:fs";
import { join } from "node:path";

import { renderPayload, type PayloadSettings } from "../../components/cloud-init/payload";
import type { PemPair } from "./certificates";
import { FakeMachine } from "./machine";
import { payloadSettings } from "./settings";

/** Name of the relay. */
export const HOSTNAME = "relay.example.com";
/** Its address. */
export const ADDRESS = "203.0.113.7";
const CERTS = `etc/derp-relay/certs/${HOSTNAME}`;
/** Ports of its own: those of the host may be taken. */
const ports = { derp: 40_443, stun: 40_478 };

/** A machine whose certificates come as files. */
export class FilesMachine extends FakeMachine {
    /** What else is in the installer's environment. */
    public env: Readonly<Record<string, string>> = {};

    public constructor() {
        super();
        this.addDerper("v1.102.5");
        this.stub("logger", "");
        this.stub("getent", `echo '${ADDRESS} STREAM'`);
        this.stub("chown", "");
        // As systemd does, which waits for the end of the order.
        this.stub(
            "systemctl",
            'case "$*" in "start derp-relay-certbot.service") exec "$DERP_RELAY_ROOT/opt/derp-relay/certbot.sh" >"$DERP_RELAY_ROOT/journal" 2>&1 ;; esac',
        );
        this.stub("journalctl", 'cat "$DERP_RELAY_ROOT/journal"');
    }

    /** Runs the installer, on a relay that is healthy when it has a certificate. */
    public async change(
        certificate: PayloadSettings["certificate"] | undefined,
        bandwidthMbps?: number,
    ): Promise<string> {
        const payload = renderPayload(
            payloadSettings({
                ...{ hostname: HOSTNAME, address: ADDRESS, ports, securityUpdates: false },
                ...(certificate && { certificate }),
                ...(bandwidthMbps === undefined ? {} : { bandwidthMbps }),
            }),
        );
        const health = `#!/bin/sh\n[ -f "$DERP_RELAY_ROOT/${CERTS}.key" ]\n`;
        rmSync(join(this.root, "payload"), { recursive: true });
        this.writePayload({ ...payload, "health.sh": health, digest: "0123456789ab\n" });
        await this.install({ NETWORK_WAIT: "0", ...this.env });
        return this.status;
    }

    /** Puts a certificate where derper looks for it. */
    public setPair({ certificate, privateKey }: PemPair): void {
        this.write(`${CERTS}.crt`, certificate);
        this.write(`${CERTS}.key`, privateKey);
    }

    /** Certbot as a package: what it orders is issued, or it says why not. */
    public addCertbot({ certificate, privateKey }: PemPair, script = ""): void {
        this.write("issued.crt", certificate);
        this.write("issued.key", privateKey);
        this.stub(
            "certbot",
            `${script}\nlive='${this.root}/var/lib/derp-relay/certbot/config/live/${HOSTNAME}'\n` +
                `mkdir -p "$live"; cp '${this.root}/issued.crt' "$live/fullchain.pem"\n` +
                `cp '${this.root}/issued.key' "$live/privkey.pem"`,
        );
    }

    /** Calls of a stand-in that begin like this. */
    public called(command: string): string[] {
        return this.calls.filter((call) => call.startsWith(command));
    }

    /** The certificate where derper looks for it. */
    public get certificate(): string {
        return this.read(`${CERTS}.crt`);
    }
}
