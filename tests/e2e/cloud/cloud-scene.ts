import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, writeFile } from "node:fs/promises";
import { Resolver } from "node:dns/promises";
import { Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { stringify } from "yaml";

import type { DerpMap, DerpNode } from "../../../components/derp-map/types";
import { LOCAL_NEEDS } from "../../../components/drivers/local/host-check";
import { runInMachine } from "../../../components/drivers/local/machine";
import { findMachine } from "../../../components/drivers/local/processes";
import { networkNames } from "../../../components/drivers/local/names";
import { createNetwork, deleteNetwork } from "../../../components/drivers/local/network";
import { ensureDebianPackages } from "../../../components/host/packages";
import { run, type RunResult } from "../../../components/host/run";
import { STANDARD_PORTS } from "../../../components/ports";
import { PROJECT_FOLDER } from "../../../scripts/project";
import { EngineStack } from "../../support/engine-stack";
import { pingViaRelay } from "../tailnet/checks";
import { eventually } from "../tailnet/eventually";
import { namespacesOf } from "../tailnet/names";
import { runIn } from "../tailnet/namespace";
import { startTailnet, type Tailnet } from "../tailnet/tailnet";
import { CloudHost, FOLDER_VARIABLE, PUBLIC_ADDRESSES } from "./cloud-host";

/** The host's address on the bridge of the clients; the clouds' machines are on another one. */
const HOST = "10.95.0.1";
/** Network of the elastic addresses. */
const PUBLIC_NETWORK = "10.93.0.0/24";
/** Prefix of the namespaces of the clients. */
const NAME = "e2ecloud";
const DNS: DnsOptions = { address: "127.0.0.153", port: 5353 };
/** Nobody listens there, who could say whom to admit. */
export const NOBODY = "http://127.0.0.1:9/verify";
/** Range that the host's own connections to an elastic address come from. */
export const OPERATOR = PUBLIC_NETWORK;

/** Who and what a {@link CloudScene} trusts. */
export interface CloudSceneOptions {
    /** File with the authorities that the clients trust instead of the host's, and the program beside them. */
    readonly authorities?: string;
}

/** Where a name server listens. */
export interface DnsOptions {
    readonly address: string;
    readonly port: number;
    /** Domains that it answers for alone; what is in no domain goes to the host's own name servers. */
    readonly domains?: readonly string[];
}

/** A stack in a stand-in cloud whose machines this host boots, and two clients that have only its relay. */
export class CloudScene {
    public readonly stack: EngineStack;
    public readonly host: CloudHost;
    readonly #watch: ChildProcess;
    readonly #authorities: string | undefined;
    #tailnet: Tailnet | undefined;
    #dns: ChildProcess | undefined;
    #dnsAddress: string | undefined;

    private constructor(
        stack: EngineStack,
        host: CloudHost,
        watch: ChildProcess,
        authorities: string | undefined,
    ) {
        this.stack = stack;
        this.host = host;
        this.#watch = watch;
        this.#authorities = authorities;
    }

    /**
     * Sets the scene: nothing is brought up.
     *
     * @param region Configuration of the stack's one region.
     * @param options What is special about it.
     * @returns The scene; whoever sets it ends it.
     */
    public static async set(
        region: Readonly<Record<string, unknown>>,
        options: CloudSceneOptions = {},
    ): Promise<CloudScene> {
        const { authorities } = options;
        // The stand-ins' plugins boot machines, as `npm start` does.
        await ensureDebianPackages(LOCAL_NEEDS);
        const folder = await mkdtemp(join(tmpdir(), "derp-relay-e2e-"));
        const stack = await EngineStack.create({
            env: {
                [FOLDER_VARIABLE]: folder,
                DERP_RELAY_STAND_IN_MACHINES: join(__dirname, "hooks.ts"),
                DERP_RELAY_STAND_IN_ADDRESSES: PUBLIC_ADDRESSES.join(","),
                ...(authorities === undefined ? {} : { NODE_EXTRA_CA_CERTS: authorities }),
            },
        });
        const host = new CloudHost(folder);
        const watch = clearAtExit(folder);
        await host.clear();
        await writeFile(stack.configFile, stringify({ config: { "derp:regions": [region] } }));
        return new CloudScene(stack, host, watch, authorities);
    }

    /** Brings the stack up, and shows what Pulumi prints. */
    public async up(...args: readonly string[]): Promise<RunResult> {
        const result = await this.stack.up(...args);
        process.stderr.write(`${result.stdout}${result.stderr}`);
        return result;
    }

    /** Sets a key of the one region. */
    public set(key: string, value: string): Promise<void> {
        return this.stack.set(`[0].${key}`, value);
    }

    /**
     * Configures the region to admit nobody but members of the clients' tailnet.
     *
     * @returns The auth key with which the machine is to join it.
     */
    public async verifyByTailnet(): Promise<string> {
        const { control } = await this.tailnet();
        await this.set("verify.mode", "tailscale");
        await this.set("verify.tailnets[0].name", "home");
        await this.set("verify.tailnets[0].loginServer", control.url);
        const key = await control.createRelayKey("10m");
        await this.stack.set("[0].verify.tailnets[0].authKey", key, "--secret");
        return key;
    }

    /** The map that the stack exports. */
    public async derpMap(): Promise<DerpMap> {
        const { stdout } = await this.stack.pulumi(["stack", "output", "derpMap", "--json"]);
        return JSON.parse(stdout) as DerpMap;
    }

    /** The same without what another machine has another of. */
    public async mapWithoutIpv6(): Promise<unknown> {
        const map = await this.derpMap();
        return JSON.parse(
            JSON.stringify(map, (key, value: unknown) => (key === "IPv6" ? undefined : value)),
        );
    }

    /** The one relay, as clients see it. */
    public async node(): Promise<DerpNode> {
        const { Regions } = await this.derpMap();
        const [node] = Object.values(Regions).flatMap(({ Nodes }) => Nodes);
        if (node === undefined) throw new Error("the map must have a node");
        return node;
    }

    /** ID of the one instance. */
    public instance(): string {
        const instances = this.stack.cloud.objects("Instance");
        const [instance] = instances;
        if (instance === undefined || instances.length > 1) {
            throw new Error(
                `the clouds must have one instance: they have ${String(instances.length)}`,
            );
        }
        return instance.id;
    }

    /**
     * Runs a shell command on a machine.
     *
     * @param command The command.
     * @param instance The machine; the one instance of the clouds when none is named.
     * @returns What it printed, trimmed.
     */
    public async inMachine(command: string, instance = this.instance()): Promise<string> {
        const machine = CloudHost.machineOf(instance);
        const { stdout } = await runInMachine(machine, ["sh", "-c", command], { okCodes: [0, 1] });
        return stdout.trim();
    }

    /** Clients that have only the relay; made when they are first asked for. */
    public async tailnet(): Promise<Tailnet> {
        if (this.#tailnet === undefined) {
            await createNetwork(`${HOST.slice(0, -1)}2`);
            const prefix = HOST.slice(0, -1);
            this.#tailnet = await startTailnet({
                name: NAME,
                bridge: networkNames(HOST).bridge,
                hostAddress: `${HOST}/24`,
                addresses: { control: `${prefix}10`, clients: [`${prefix}21`, `${prefix}22`] },
                relayNetwork: PUBLIC_NETWORK,
                derpMap: await this.derpMap(),
                authorities: this.#authorities,
                workFolder: this.stack.folder,
            });
        }
        return this.#tailnet;
    }

    /**
     * Starts a name server that answers with the records that the clouds hold.
     *
     * @param options Where it listens, and whether it answers for some domains only.
     * @returns Its address and port.
     */
    public async startDns(options: DnsOptions = DNS): Promise<string> {
        const { address, port, domains } = options;
        await ensureDebianPackages({ dnsmasq: "dnsmasq-base", setpriv: "util-linux" });
        const records = join(this.host.hostsFile, "..");
        const args = [
            ...["--keep-in-foreground", "--no-hosts", `--hostsdir=${records}`],
            ...["--bind-interfaces", `--listen-address=${address}`, `--port=${String(port)}`],
            ...["--user=root", "--group=root", "--pid-file", "--conf-file=/dev/null"],
            ...(domains?.map((domain) => `--local=/${domain}/`) ?? ["--no-resolv"]),
        ];
        // It ends with this process, however that ends: a process that changes its group would lose that wish.
        this.#dns = spawn("setpriv", ["--pdeathsig", "KILL", "dnsmasq", ...args], {
            stdio: ["ignore", "ignore", "inherit"],
        });
        await once(this.#dns, "spawn");
        this.#dnsAddress = `${address}:${String(port)}`;
        return this.#dnsAddress;
    }

    /**
     * Asks a name server that has the clouds' records.
     *
     * @param name What to ask for.
     * @returns Its addresses, of IPv4 first.
     */
    public async resolve(name: string): Promise<readonly string[]> {
        const resolver = new Resolver();
        resolver.setServers([this.#dnsAddress ?? (await this.startDns())]);
        const none = (error: NodeJS.ErrnoException): string[] => {
            // With one record of a name, dnsmasq has no answer for the other.
            if (error.code === "ENODATA" || error.code === "EREFUSED") return [];
            throw error;
        };
        const ask = async () => [
            ...(await resolver.resolve4(name)),
            ...(await resolver.resolve6(name).catch(none)),
        ];
        // It may not listen yet.
        return eventually(ask, { what: `${name} to resolve`, timeoutMs: 10_000 });
    }

    /** Whether somebody on the internet can connect to a TCP port of the relay's address. */
    public async opens(port: number): Promise<boolean> {
        await this.tailnet();
        const { IPv4 } = await this.node();
        const script = `exec 3<>/dev/tcp/${IPv4}/${String(port)}`;
        const command = ["timeout", "3", "bash", "-c", script];
        // Where the control plane is, no cut of the tailnet hides what the cloud's firewall does.
        const [control] = namespacesOf(NAME);
        return (await runIn(control, command, { okCodes: [0, 1, 124] })).code === 0;
    }

    /** Starts the one machine again, and waits until it has gone down. */
    public async reboot(): Promise<void> {
        const machine = CloudHost.machineOf(this.instance());
        const before = await findMachine(machine);
        await this.inMachine("systemctl --no-block reboot");
        const attempt = async () => {
            if ((await findMachine(machine)) === before) throw new Error("it is up");
        };
        await eventually(attempt, { what: "the machine to go down", timeoutMs: 60_000 });
    }

    /** Waits until this host can connect to the relay over IPv6. */
    public async reachOverIpv6(): Promise<void> {
        const attempt = async () => {
            if (!(await this.opens6(STANDARD_PORTS.derp))) throw new Error("no connection");
        };
        await eventually(attempt, { what: "the relay to answer over IPv6", timeoutMs: 60_000 });
    }

    /** Whether this host can connect to a TCP port of the relay's IPv6 address. */
    public async opens6(port: number): Promise<boolean> {
        const { IPv6 } = await this.node();
        if (IPv6 === undefined) throw new Error("the relay must have an IPv6 address");
        const script = `exec 3<>/dev/tcp/${IPv6}/${String(port)}`;
        const result = await run("timeout", ["3", "bash", "-c", script], { okCodes: [0, 1, 124] });
        return result.code === 0;
    }

    /** Waits until each client has reached the other through the relay. */
    public async pingBothWays(code: string): Promise<readonly string[]> {
        const { clients } = await this.tailnet();
        const [a, b] = clients;
        return [await pingViaRelay(a, b, code), await pingViaRelay(b, a, code)];
    }

    /** Ends everything that is left. */
    public async end(): Promise<void> {
        this.#dns?.kill();
        await this.#tailnet?.stop();
        await deleteNetwork(HOST);
        this.#watch.ref();
        const closed = once(this.#watch, "close");
        this.#watch.stdin?.end();
        await closed;
        await this.stack.remove();
    }
}

/** Clears the host when this process ends, however it ends. */
function clearAtExit(folder: string): ChildProcess {
    const script = 'cat >/dev/null; exec npx tsx "$1" "$2"';
    const child = spawn("sh", ["-c", script, "sh", join(__dirname, "clear.ts"), folder], {
        cwd: PROJECT_FOLDER,
        stdio: ["pipe", "ignore", "ignore"],
        detached: true,
    });
    child.unref();
    // Left alone it would keep this process from ending.
    if (child.stdin instanceof Socket) child.stdin.unref();
    return child;
}
