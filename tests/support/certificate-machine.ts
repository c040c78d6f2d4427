import { copyFileSync, mkdirSync, symlinkSync } from "node:fs";
import { type AddressInfo } from "node:net";
import { join } from "node:path";
import { createServer, type Server } from "node:tls";

import type { PemPair } from "./certificates";
import { FakeMachine, type ScriptResult } from "./machine";

const FILES = join(__dirname, "../../components/cloud-init/files");
/** Name of the relay. */
export const HOSTNAME = "relay.example.com";
/** As systemd does: `systemctl start` waits for the end of the check, and what it says is in the journal. */
export const START_HEALTH =
    'case "$*" in "start derp-relay-health.service") "$DERP_RELAY_ROOT/opt/derp-relay/health.sh" >"$DERP_RELAY_ROOT/journal" 2>&1 ;; esac';
/** What served.sh finds around it. */
const SERVED = `. "$DERP_RELAY_ROOT/opt/derp-relay/common.sh"
. "$ETC/relay.env"
code=0
good() { echo "good  $*"; }
bad_but_mendable() { echo "bad   $*"; code=1; }
. "$OPT/served.sh"
exit "$code"`;
const CERTS = `etc/derp-relay/certs/${HOSTNAME}`;

/** A machine with a relay whose certificates come as files, and a real TLS server as its derper. */
export class CertificateMachine extends FakeMachine {
    /** What the relay serves whatever the files say; undefined when it is a good one. */
    public stubborn: PemPair | undefined;
    #restarts = -1;
    #served: PemPair | undefined;
    readonly #server: Server;

    private constructor(server: Server) {
        super();
        this.#server = server;
    }

    /**
     * Installs a relay that serves a certificate.
     *
     * @param pair The certificate with its key; undefined for a relay that still has none.
     * @returns The machine, whoever starts it ends it.
     */
    public static async start(pair?: PemPair): Promise<CertificateMachine> {
        const server = createServer();
        await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
        const machine = new CertificateMachine(server);
        const { port } = server.address() as AddressInfo;
        const scripts = ["common.sh", "service.sh", "cert-install.sh", "served.sh"];
        for (const name of scripts) machine.place(name);
        machine.write(
            "etc/derp-relay/relay.env",
            `RELAY_HOSTNAME='${HOSTNAME}'\nRELAY_DERP_PORT='${String(port)}'\nRELAY_FILES='files'\n`,
        );
        machine.setHealth("");
        machine.stub("systemctl", START_HEALTH);
        machine.stub("journalctl", 'cat "$DERP_RELAY_ROOT/journal"');
        machine.addDerper("v1.102.5");
        symlinkSync("derper-v1.102.5-go1.26.8", join(machine.root, "opt/derp-relay/bin/derper"));
        machine.write("etc/systemd/system/derper.service", "");
        machine.write("etc/systemd/system/derp-relay-health.service", "");
        machine.write("var/lib/derp-relay/install.log", "");
        machine.stub("logger", "");
        if (pair !== undefined) machine.setPair(pair);
        server.prependListener("connection", () => {
            machine.#reload(server);
        });
        return machine;
    }

    /** Copies a script to where the installer puts it. */
    public place(name: string): void {
        mkdirSync(join(this.root, "opt/derp-relay"), { recursive: true });
        copyFileSync(join(FILES, name), join(this.root, "opt/derp-relay", name));
    }

    /** What the health check does from now on, before it looks at what is served. */
    public setHealth(script: string): void {
        this.write("opt/derp-relay/health.sh", `#!/bin/sh\n${script}\n${SERVED}\n`, 0o755);
    }

    /** Puts a certificate where derper looks for it. */
    public setPair({ certificate, privateKey }: PemPair): void {
        this.write(`${CERTS}.crt`, certificate);
        this.write(`${CERTS}.key`, privateKey);
    }

    /** The certificate and key where derper looks for them. */
    public get pair(): PemPair {
        return { certificate: this.read(`${CERTS}.crt`), privateKey: this.read(`${CERTS}.key`) };
    }

    /** What was put into the journal as an error. */
    public get alerts(): string[] {
        const prefix = "logger -p daemon.err -t derp-relay-cert-install -- ";
        return this.calls
            .filter((call) => call.startsWith(prefix))
            .map((call) => call.slice(prefix.length).replaceAll(this.root, ""));
    }

    /** Runs `derp-relay-cert-install` with a certificate and its key. */
    public async installCertificate(
        { certificate, privateKey }: PemPair,
        ...options: readonly string[]
    ): Promise<ScriptResult> {
        this.write("root/fullchain.pem", certificate);
        this.write("root/privkey.pem", privateKey, 0o600);
        const files = ["root/fullchain.pem", "root/privkey.pem"].map((name) =>
            join(this.root, name),
        );
        const script = join(this.root, "opt/derp-relay/cert-install.sh");
        const { code, output } = await this.run(script, [...options, ...files]);
        return { code, output: output.replaceAll(this.root, "") };
    }

    public override remove(): void {
        this.#server.close();
        super.remove();
    }

    /** Like derper, it reads its files when it starts, and never again. */
    #reload(server: Server): void {
        if (this.#restarts !== this.restarts) {
            this.#restarts = this.restarts;
            this.#served = this.pair;
        }
        const { certificate, privateKey } = this.stubborn ?? this.#served ?? this.pair;
        server.setSecureContext({ cert: certificate, key: privateKey });
    }
}
