import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdir, open, readFile, writeFile } from "node:fs/promises";
import { request } from "node:https";
import { join } from "node:path";
import { text } from "node:stream/consumers";

import { ensureDebianPackages } from "../../../components/host/packages";
import { eventually, HopelessError } from "../tailnet/eventually";
import { ensurePebble } from "../tools/ensure-tools";
import { Authority, type IssuedFiles } from "./authority";

/** Where it listens: on the host only, where nothing else does. */
const ADDRESS = "127.0.0.92";
const PORT = 14_000;
const MANAGEMENT_PORT = 15_000;
/** Name by which machines know the public server. */
export const PUBLIC_NAME = "acme-v02.api.letsencrypt.org";

/** A real ACME server. */
export class Pebble {
    /** Who has issued {@link Pebble.server}. */
    public readonly authority: Authority;
    /** Proves to be {@link PUBLIC_NAME}. */
    public readonly server: IssuedFiles;
    readonly #log: string;
    readonly #child: ChildProcess;

    private constructor(
        authority: Authority,
        server: IssuedFiles,
        log: string,
        child: ChildProcess,
    ) {
        this.authority = authority;
        this.server = server;
        this.#log = log;
        this.#child = child;
    }

    /**
     * Starts an ACME server, which ends with this process, however that ends.
     *
     * @param folder Folder for its files; it is made, and stays.
     * @param dns Name server by which it finds whom it is to validate.
     * @returns The server, ready for orders.
     */
    public static async start(folder: string, dns: string): Promise<Pebble> {
        await ensureDebianPackages({ openssl: "openssl", setpriv: "util-linux" });
        const program = await ensurePebble();
        await mkdir(folder, { recursive: true, mode: 0o700 });
        const authority = new Authority(folder);
        const server = authority.issue([`DNS:${PUBLIC_NAME}`, `IP:${ADDRESS}`]);
        const config = join(folder, "pebble.json");
        await writeFile(config, renderConfig(server));
        const log = join(folder, "pebble.log");
        const output = await open(log, "a", 0o600);
        const child = spawn(
            "setpriv",
            ["--pdeathsig", "KILL", program, "-config", config, "-dnsserver", dns],
            {
                // A proxy of the caller is out of place. By default it is slow, refuses good nonces and
                // forgets half of the validations, each of them at random.
                env: {
                    ...{ PEBBLE_VA_NOSLEEP: "1", PEBBLE_WFE_NONCEREJECT: "0" },
                    ...{ PEBBLE_AUTHZREUSE: "0", PATH: process.env.PATH },
                },
                stdio: ["ignore", output.fd, output.fd],
            },
        );
        await once(child, "spawn").finally(() => output.close());
        const pebble = new Pebble(authority, server, log, child);
        await eventually(
            async () => {
                if (child.exitCode !== null) throw new HopelessError(await pebble.log());
                await pebble.root();
            },
            { what: "pebble to start", timeoutMs: 30_000 },
        );
        return pebble;
    }

    /** Where requests of ACME clients go. */
    public get address(): { readonly host: string; readonly port: number } {
        return { host: ADDRESS, port: PORT };
    }

    /** Certificate of the root that all certificates it issues lead to, in PEM. */
    public async root(): Promise<string> {
        const asked = request({
            ...{ host: ADDRESS, port: MANAGEMENT_PORT, path: "/roots/0" },
            ca: await readFile(this.authority.certificate),
        });
        asked.end();
        const [answer] = (await once(asked, "response")) as [NodeJS.ReadableStream];
        return text(answer);
    }

    /** What it printed. */
    public log(): Promise<string> {
        return readFile(this.#log, "utf8");
    }

    /** Ends it. */
    public async stop(): Promise<void> {
        if (this.#child.exitCode !== null || this.#child.signalCode !== null) return;
        const closed = once(this.#child, "close");
        this.#child.kill("SIGKILL");
        await closed;
    }
}

function renderConfig({ certificate, privateKey }: IssuedFiles): string {
    return JSON.stringify({
        pebble: {
            listenAddress: `${ADDRESS}:${String(PORT)}`,
            managementListenAddress: `${ADDRESS}:${String(MANAGEMENT_PORT)}`,
            certificate,
            privateKey,
            httpPort: 80,
            tlsPort: 443,
            keyAlgorithm: "ecdsa",
            retryAfter: { authz: 1, order: 1 },
        },
    });
}
