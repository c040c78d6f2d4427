import { mkdir } from "node:fs/promises";
import { dirname, join } from "node:path";
import { isDeepStrictEqual } from "node:util";

import type { DerpMap } from "../../../components/derp-map/types";
import type { RunOptions, RunResult } from "../../../components/host/run";
import { eventually } from "./eventually";
import { parseCutPackets, renderFirewall, TABLE } from "./firewall";
import { runIn, startIn } from "./namespace";

/** Name of the tunnel; each client has a namespace of its own. */
const TUNNEL = "tailscale0";
/** Longest path of a socket that Linux takes, in bytes. */
const SOCKET_PATH = 107;

/** What a client is started with. */
export interface ClientOptions {
    /** Its host name in the tailnet. */
    readonly name: string;
    /** Namespace to run in. */
    readonly namespace: string;
    /** Folder for its files. */
    readonly folder: string;
    /** Path of the tailscaled that is `tailscale` as well. */
    readonly tailscaled: string;
    /** Path of the command line. */
    readonly tailscale: string;
    /** File with the authorities that it trusts instead of the host's. */
    readonly authorities?: string | undefined;
}

/** What of `tailscale status --json` matters here. */
export interface Status {
    /** `Running` when it is logged in and up. */
    readonly BackendState: string;
    /** The client itself; `Relay` is the code of its home region, empty while it has none. */
    readonly Self: { readonly TailscaleIPs?: readonly string[]; readonly Relay: string };
    /** Other clients by key. `CurAddr` is the address of a direct path, empty while there is none. */
    readonly Peer?: Readonly<Record<string, Peer>>;
}

/** What `tailscale status --json` tells of another client. */
interface Peer {
    readonly HostName: string;
    readonly TailscaleIPs: readonly string[];
    readonly CurAddr: string;
    readonly Relay: string;
}

/** A real tailscaled in a namespace of its own. */
export class Client {
    /** Host name in the tailnet. */
    public readonly name: string;
    /** What tailscaled printed. */
    public readonly logFile: string;
    readonly #options: ClientOptions;
    readonly #socket: string;
    #ipv4 = "";

    public constructor(options: ClientOptions) {
        this.name = options.name;
        this.#options = options;
        this.logFile = join(options.folder, "tailscaled.log");
        this.#socket = join(options.folder, "tailscaled.sock");
        if (Buffer.byteLength(this.#socket) > SOCKET_PATH) {
            throw new Error(
                `workFolder must be shorter, as the path of a socket takes ${String(SOCKET_PATH)} bytes at most: got ${dirname(options.folder)}`,
            );
        }
    }

    /** Address in the tailnet. */
    public get ipv4(): string {
        return this.#ipv4;
    }

    /**
     * Runs a command where the client is.
     *
     * @param command Name or path of the command.
     * @param args Its arguments.
     * @param options As for every command.
     * @returns What it printed, and its exit code.
     */
    public exec(
        command: string,
        args: readonly string[],
        options?: RunOptions,
    ): Promise<RunResult> {
        return runIn(this.#options.namespace, [command, ...args], options);
    }

    /**
     * Runs `tailscale`.
     *
     * @param args Its arguments.
     * @returns What it printed on standard output.
     */
    public async tailscale(...args: readonly string[]): Promise<string> {
        const { tailscale } = this.#options;
        const { stdout } = await this.exec(tailscale, [`--socket=${this.#socket}`, ...args], {
            timeoutMs: 120_000,
        });
        return stdout;
    }

    /**
     * Starts tailscaled and logs in.
     *
     * @param login Address of the control plane, and the file that holds the key.
     */
    public async start(login: {
        readonly url: string;
        readonly authKeyFile: string;
    }): Promise<void> {
        const { folder, namespace, tailscaled, authorities } = this.#options;
        await mkdir(folder, { recursive: true, mode: 0o700 });
        const daemon = await startIn(
            namespace,
            [
                ...[tailscaled, `--statedir=${folder}`, `--socket=${this.#socket}`],
                ...[`--tun=${TUNNEL}`, "--port=0"],
            ],
            // Its logs stay here. Without the second it may look for iptables, which is not everywhere.
            {
                log: this.logFile,
                env: {
                    ...{ TS_NO_LOGS_NO_SUPPORT: "true", TS_DEBUG_FIREWALL_MODE: "nftables" },
                    ...(authorities === undefined ? {} : { SSL_CERT_FILE: authorities }),
                },
            },
        );
        await eventually(
            async () => {
                await daemon.assertRunning();
                await this.status();
            },
            { what: `tailscaled of ${this.name} to start`, timeoutMs: 30_000 },
        );
        await this.tailscale(
            ...["up", `--login-server=${login.url}`, `--auth-key=file:${login.authKeyFile}`],
            ...[`--hostname=${this.name}`, "--accept-dns=false", "--netfilter-mode=off"],
            "--timeout=60s",
        );
        const { Self } = await this.status();
        this.#ipv4 = Self.TailscaleIPs?.find((address) => address.includes(".")) ?? "";
    }

    /**
     * Reads the client's state.
     *
     * @returns What `tailscale status --json` prints.
     */
    public async status(): Promise<Status> {
        return JSON.parse(await this.tailscale("status", "--json")) as Status;
    }

    /**
     * Waits until the client knows a map.
     *
     * @param map The map.
     */
    public async waitForDerpMap(map: DerpMap): Promise<void> {
        await eventually(
            async () => {
                const text = await this.tailscale("debug", "derp-map");
                const { Regions } = JSON.parse(text) as DerpMap;
                if (!isDeepStrictEqual(Regions, JSON.parse(JSON.stringify(map.Regions)))) {
                    throw new Error(`it still knows ${JSON.stringify(Regions)}`);
                }
            },
            { what: `${this.name} to learn the map`, timeoutMs: 30_000 },
        );
    }

    /**
     * Cuts the client off from everything but the control plane and relays.
     *
     * @param control Address and port of the control plane.
     * @param control.address Its IPv4 address.
     * @param control.port Its TCP port.
     * @param derpMap The relays.
     */
    public async cutOff(
        control: { readonly address: string; readonly port: number },
        derpMap: DerpMap,
    ): Promise<void> {
        const reachable = { control: control.address, controlPort: control.port, derpMap };
        await this.exec("nft", ["-f", "-"], { input: renderFirewall(reachable, TUNNEL) });
    }

    /**
     * Counts what the cut kept out, such as attempts to find a direct path.
     *
     * @returns Number of packets since the map was last replaced.
     */
    public async cutPackets(): Promise<number> {
        const { stdout } = await this.exec("nft", [
            ...["--json", "list", "counters", "table", "inet", TABLE],
        ]);
        return parseCutPackets(stdout);
    }
}
