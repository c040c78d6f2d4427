import { generateKeyPairSync, type X509Certificate } from "node:crypto";
import { once } from "node:events";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { connect } from "node:tls";

import { renderSshUserData } from "../../../components/cloud-init/user-data";
import { toOpenssh } from "../../plugins/support/openssh";
import { CloudHost } from "../cloud/cloud-host";
import { CloudScene, OPERATOR } from "../cloud/cloud-scene";
import type { IngressRule } from "../cloud/firewall";
import { Front } from "./front";
import { Pebble, PUBLIC_NAME } from "./pebble";

/** Name of the machine that plays a rented server. */
export const SERVER = "i-rented";
/** The server's address, which is also what its name must resolve to. */
export const ADDRESS = "10.93.0.10";
/** What only the scene's name server knows: nothing in them is asked of the internet's. */
const DOMAINS = ["letsencrypt.org", "test"];
const OPEN: readonly IngressRule[] = [
    { protocol: "tcp", port: 443, cidr: "0.0.0.0/0" },
    { protocol: "udp", port: 3478, cidr: "0.0.0.0/0" },
    { protocol: "tcp", port: 22, cidr: OPERATOR },
];

/**
 * A server to which a real ACME server is Let's Encrypt, by its name and by whom the server trusts: nothing
 * in the relay's configuration says that it is another.
 */
export class AcmeScene {
    public readonly cloud: CloudScene;
    public readonly pebble: Pebble;
    /** Through which the server reaches pebble. */
    public readonly front: Front;
    readonly #folder: string;
    readonly #userData: string;

    private constructor(
        parts: Pick<AcmeScene, "cloud" | "pebble" | "front">,
        server: { readonly folder: string; readonly userData: string },
    ) {
        this.cloud = parts.cloud;
        this.pebble = parts.pebble;
        this.front = parts.front;
        this.#folder = server.folder;
        this.#userData = server.userData;
    }

    /**
     * Sets the scene: the server runs and has no relay yet.
     *
     * @param region Configuration of the stack's one region, without its place.
     * @returns The scene; whoever sets it ends it.
     */
    public static async set(region: Readonly<Record<string, unknown>>): Promise<AcmeScene> {
        const folder = await mkdtemp(join(tmpdir(), "derp-relay-acme-"));
        const ends: (() => Promise<void>)[] = [() => rm(folder, { recursive: true, force: true })];
        try {
            const pebble = await Pebble.start(join(folder, "pebble"), `${CloudHost.gateway}:53`);
            ends.unshift(() => pebble.stop());
            const authorities = join(folder, "roots.pem");
            await writeFile(authorities, await pebble.root());
            const keys = { host: makeKey(), login: makeKey() };
            const hostKey = keys.host.line;
            const place = { driver: "server", address: ADDRESS, hostKey };
            const cloud = await CloudScene.set({ ...region, place }, { authorities });
            ends.unshift(() => cloud.end());
            await cloud.stack.set("[0].place.privateKey", keys.login.pem, "--secret");
            const userData = renderSshUserData(keys.host.pem, keys.login.line);
            await boot(cloud.host, userData);
            await cloud.host.setRecord(PUBLIC_NAME, CloudHost.gateway);
            await cloud.startDns({ address: CloudHost.gateway, port: 53, domains: DOMAINS });
            const front = await Front.start(CloudHost.gateway, pebble);
            ends.unshift(() => front.stop());
            const scene = new AcmeScene({ cloud, pebble, front }, { folder, userData });
            await scene.#takeIn();
            return scene;
        } catch (error) {
            for (const end of ends) await end();
            throw error;
        }
    }

    /** Gives the server another machine, as its provider does when it is installed anew: address and SSH keys stay. */
    public async reinstall(): Promise<void> {
        const { host } = this.cloud;
        await host.bind(SERVER, ADDRESS, false);
        await host.remove(SERVER);
        await boot(host, this.#userData);
        await this.#takeIn();
    }

    /** Runs a shell command on the server, and returns what it printed, trimmed. */
    public inMachine(command: string): Promise<string> {
        return this.cloud.inMachine(command, SERVER);
    }

    /**
     * What the relay proves itself with, to somebody who trusts nobody but pebble.
     *
     * @param servername Name that is asked for.
     * @param port TCP port of the relay.
     * @returns The certificate.
     */
    public async certificate(servername: string, port = 443): Promise<X509Certificate> {
        const ca = await this.pebble.root();
        const socket = connect({ host: ADDRESS, port, servername, ca });
        await once(socket, "secureConnect");
        const shown = socket.getPeerX509Certificate();
        socket.destroy();
        if (shown === undefined) throw new Error("the relay must show a certificate");
        return shown;
    }

    /** Ends everything that is left. */
    public async end(): Promise<void> {
        await this.front.stop();
        await this.cloud.end();
        await this.pebble.stop();
        await rm(this.#folder, { recursive: true, force: true });
    }

    /** Tells the server whom to ask for addresses and whom to trust, as if they were the internet's. */
    async #takeIn(): Promise<void> {
        const trusted = (await readFile(this.pebble.authority.certificate, "utf8")).trim();
        const bundle = "/etc/ssl/certs/ca-certificates.crt";
        await this.inMachine(`echo 'nameserver ${CloudHost.gateway}' >/etc/resolv.conf`);
        await this.inMachine(
            `printf '%s\\n' '${trusted}' '${await this.pebble.root()}' >>${bundle}`,
        );
    }
}

async function boot(host: CloudHost, userData: string): Promise<void> {
    await host.boot(SERVER, userData);
    await host.setRules(SERVER, OPEN);
    await host.bind(SERVER, ADDRESS, true);
}

function makeKey(): { readonly pem: string; readonly line: string } {
    const key = generateKeyPairSync("ec", { namedCurve: "P-256" }).privateKey;
    return {
        pem: key.export({ type: "sec1", format: "pem" }).toString(),
        line: toOpenssh(key).publicKey.trim(),
    };
}
