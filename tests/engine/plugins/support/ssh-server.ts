import { type ChildProcess, spawn } from "node:child_process";
import { generateKeyPairSync } from "node:crypto";
import { once } from "node:events";
import { mkdirSync } from "node:fs";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { connect, createServer, type AddressInfo } from "node:net";
import { tmpdir, userInfo } from "node:os";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";

import { ensureDebianPackages } from "../../../../components/host/packages";
import { type OpensshKey, toOpenssh } from "../../../plugins/support/openssh";

const SSHD = "/usr/sbin/sshd";
const PATIENCE_MS = 20_000;

/** Makes a key for a test. */
export function makeKey(type: "ed25519" | "ecdsa" = "ed25519"): OpensshKey {
    const { privateKey } =
        type === "ed25519"
            ? generateKeyPairSync("ed25519")
            : generateKeyPairSync("ec", { namedCurve: "prime256v1" });
    return toOpenssh(privateKey);
}

/** A real OpenSSH server on the loopback interface that lets one key in. */
export class SshServer {
    /** Who logs in: whoever runs the tests. */
    public readonly user = userInfo().username;
    /** Where it listens. */
    public readonly port: number;
    readonly #folder: string;
    readonly #daemon: ChildProcess;

    private constructor(folder: string, daemon: ChildProcess, port: number) {
        this.#folder = folder;
        this.#daemon = daemon;
        this.port = port;
    }

    /**
     * Starts a server; whoever starts it stops it.
     *
     * @param client The key that it lets in.
     * @param hostKeys Its own keys.
     * @returns The server.
     */
    public static async start(client: OpensshKey, hostKeys: OpensshKey[]): Promise<SshServer> {
        await ensureDebianPackages({ [SSHD]: "openssh-server" });
        // Without systemd nobody makes it.
        mkdirSync("/run/sshd", { recursive: true });
        const folder = await mkdtemp(join(tmpdir(), "derp-relay-sshd-"));
        const files = hostKeys.map((_, index) => join(folder, `host-key-${String(index)}`));
        await Promise.all(
            hostKeys.map(({ privateKey }, index) =>
                writeFile(files[index] ?? "", privateKey, { mode: 0o600 }),
            ),
        );
        await writeFile(join(folder, "authorized_keys"), client.publicKey);
        const port = await freePort();
        const lines = [
            ...["ListenAddress 127.0.0.1", `Port ${String(port)}`, "PidFile none", "UsePAM no"],
            ...files.map((file) => `HostKey ${file}`),
            `AuthorizedKeysFile ${join(folder, "authorized_keys")}`,
            ...["StrictModes no", "PermitRootLogin prohibit-password", "AcceptEnv GIVEN"],
            // Tests that are refused on purpose must not be taken for an attack.
            ...["MaxStartups 100", "PasswordAuthentication no"],
        ];
        await writeFile(join(folder, "config"), `${lines.join("\n")}\n`);
        const log = join(folder, "log");
        const args = ["-D", "-f", join(folder, "config"), "-E", log];
        const daemon = spawn(SSHD, args, { stdio: "ignore" });
        const server = new SshServer(folder, daemon, port);
        await server.#untilListening(log);
        return server;
    }

    async #untilListening(log: string): Promise<void> {
        const end = Date.now() + PATIENCE_MS;
        while (!(await accepts(this.port))) {
            if (this.#daemon.exitCode !== null || Date.now() > end) {
                const said = await readFile(log, "utf8").catch(() => "");
                await this.stop();
                throw new Error(`sshd does not listen: ${said}`);
            }
            await delay(50);
        }
    }

    /** Stops it and removes its files. */
    public async stop(): Promise<void> {
        if (this.#daemon.exitCode === null) {
            const ended = once(this.#daemon, "exit");
            this.#daemon.kill();
            await ended;
        }
        await rm(this.#folder, { recursive: true, force: true });
    }
}

async function freePort(): Promise<number> {
    const server = createServer().listen(0, "127.0.0.1");
    await once(server, "listening");
    const { port } = server.address() as AddressInfo;
    server.close();
    await once(server, "close");
    return port;
}

function accepts(port: number): Promise<boolean> {
    return new Promise((resolve) => {
        const socket = connect(port, "127.0.0.1");
        const answer = (listening: boolean): void => {
            socket.destroy();
            resolve(listening);
        };
        socket.once("connect", () => {
            answer(true);
        });
        socket.once("error", () => {
            answer(false);
        });
    });
}
