import { existsSync } from "node:fs";
import { mkdir, readFile, rename, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";

import {
    removeMachine,
    runInMachine,
    startMachine,
} from "../../../components/drivers/local/machine";
import {
    machineName,
    type MachineNames,
    machineNames,
    networkNames,
} from "../../../components/drivers/local/names";
import { createNetwork, deleteNetwork } from "../../../components/drivers/local/network";
import {
    createRootFileSystem,
    listMachines,
} from "../../../components/drivers/local/root-file-system";
import { withLock } from "../../../components/host/cache";
import { run } from "../../../components/host/run";
import { CLOUD_TABLE, type CloudNode, type IngressRule, renderCloudTable } from "./firewall";

/** Tells plugins where a {@link CloudHost} keeps its state. */
export const FOLDER_VARIABLE = "DERP_RELAY_CLOUD_HOST";
/** Last part of the names of the machines, where those of `npm start` have their stack's. */
const SUFFIX = "e2e-cloud";
/** Elastic addresses that the stand-ins hand out, and those of two more machines' own. */
export const PUBLIC_ADDRESSES = ["10.93.0.10", "10.93.0.11", "10.93.0.12"];
const PREFIX = "10.94.0.";
const SUBNET = `${PREFIX}0/24`;
const FIRST = 10;
/** Tencent Cloud's gateway, which is the same for every machine. */
const GATEWAY6 = "fe80::feee:ffff:feff:ffff";
const GATEWAY_MAC = "fe:ee:ff:ff:ff:ff";
/** Where this host's packets to the machines come from. */
const HOST6 = "2001:db8:ffff::1";
/** Clouds' images have it. */
const PACKAGES = ["openssh-server"];

/** Folder in which the agent of Cloud Assistant keeps the commands. */
export const COMMANDS = "/usr/local/share/aliyun-assist/work/script";

/** What this host keeps of the clouds. */
interface HostState {
    readonly nodes: Readonly<Record<string, Omit<CloudNode, "rules">>>;
    /** By instance, with the version of the cloud that they are of. */
    readonly rules: Readonly<
        Record<string, { readonly version: number; readonly rules: readonly IngressRule[] }>
    >;
    /** Values by name and type. */
    readonly records: Readonly<Record<string, string>>;
}

/** Plays the clouds' machines and network on this host. Several plugin processes share it. */
export class CloudHost {
    readonly #folder: string;

    /** @param folder Where it keeps its state. */
    public constructor(folder: string) {
        this.#folder = folder;
    }

    /** File with a line for each DNS record, as dnsmasq reads it in a `--hostsdir`. */
    public get hostsFile(): string {
        return join(this.#folder, "hosts", "records");
    }

    /** The host's address on the bridge of the machines, there while one is. */
    public static get gateway(): string {
        return networkNames(PREFIX + String(FIRST)).gateway;
    }

    /** Names of an instance's machine on this host. */
    public static machineOf(instanceId: string): MachineNames {
        return machineNames(machineName(instanceId, SUFFIX));
    }

    /** Boots a machine with an instance's user data, as another cloud's image would or Alibaba Cloud's. */
    public async boot(instanceId: string, userData: string, cloud?: string): Promise<void> {
        const node = await this.#change((state) => {
            const taken = new Set(Object.values(state.nodes).map((each) => each.privateAddress));
            let last = FIRST;
            while (taken.has(`${PREFIX}${String(last)}`)) last += 1;
            const asksForIpv6 = cloud === "alicloud";
            const made = { privateAddress: `${PREFIX}${String(last)}`, asksForIpv6 };
            return [{ ...state, nodes: { ...state.nodes, [instanceId]: made } }, made];
        });
        const names = CloudHost.machineOf(instanceId);
        await createNetwork(node.privateAddress);
        const address = node.privateAddress;
        await createRootFileSystem({ names, address, userData, packages: PACKAGES });
        await startMachine(names, address);
    }

    /** Removes an instance's machine. */
    public async remove(instanceId: string): Promise<void> {
        await removeMachine(CloudHost.machineOf(instanceId));
        const last = await this.#change((state) => {
            const { [instanceId]: gone, ...nodes } = state.nodes;
            return [{ ...state, nodes }, gone];
        });
        if (last !== undefined) await deleteNetwork(last.privateAddress);
    }

    /** Opens or closes the way from this host to an instance's IPv6 address. */
    public async reach(instanceId: string, address: string, isOpen: boolean): Promise<void> {
        const { bridge } = networkNames(PREFIX + String(FIRST));
        const ip = (...args: readonly string[]) => run("ip", ["-6", ...args], { okCodes: [0, 2] });
        if (isOpen) {
            // Otherwise it has that of a machine, and another one when that machine goes: the others would send what
            // they send into nothing until they ask again.
            await ip("link", "set", bridge, "address", GATEWAY_MAC);
            await ip("address", "replace", `${GATEWAY6}/64`, "dev", bridge, "nodad");
            await ip("address", "replace", `${HOST6}/128`, "dev", "lo", "nodad");
            await ip("route", "replace", address, "dev", bridge, "src", HOST6);
        } else {
            await ip("route", "del", address, "dev", bridge);
        }
        const ipv6Address = isOpen ? address : undefined;
        await this.#changeNode(instanceId, (node) => ({ ...node, ipv6Address }));
        const { nodes } = await this.#read();
        if (isOpen && nodes[instanceId]?.asksForIpv6 === true) {
            // What the image gets by DHCPv6.
            const script =
                `ip -6 address replace ${address}/128 dev host0 nodad; ` +
                `ip -6 route replace default via ${GATEWAY6} dev host0 onlink`;
            await runInMachine(CloudHost.machineOf(instanceId), ["sh", "-c", script]);
        }
    }

    /** Binds an elastic address to an instance, or takes it away. */
    public async bind(instanceId: string, address: string, isBound: boolean): Promise<void> {
        await run("ip", ["address", isBound ? "replace" : "del", `${address}/32`, "dev", "lo"], {
            okCodes: [0, 2],
        });
        const publicAddress = isBound ? address : undefined;
        await this.#changeNode(instanceId, (node) => ({ ...node, publicAddress }));
    }

    /** Runs a shell script on an instance as root, as the cloud's agent does. */
    public async command(instanceId: string, script: string): Promise<void> {
        // As the agent does it: in a file that everybody can read, and that it leaves.
        const file = `${COMMANDS}/t-${String(Date.now())}.sh`;
        const save = `mkdir -p ${COMMANDS}; cat >${file}; chmod 755 ${file}; exec sh -c ${file}`;
        await runInMachine(CloudHost.machineOf(instanceId), ["sh", "-c", save], { input: script });
    }

    /**
     * Sets what an instance's security group lets in, which may be said while the instance is being made; unless
     * something later was said already.
     */
    public async setRules(
        instanceId: string,
        rules: readonly IngressRule[],
        version = Number.MAX_SAFE_INTEGER,
    ): Promise<void> {
        await this.#change((state) => {
            const said = state.rules[instanceId] ?? { version: 0, rules: [] };
            const latest = version >= said.version ? { version, rules } : said;
            return [{ ...state, rules: { ...state.rules, [instanceId]: latest } }, undefined];
        });
    }

    /** Sets or removes a DNS record. */
    public async setRecord(name: string, value: string | undefined, type = "A"): Promise<void> {
        const record = `${name} ${type}`;
        await this.#change((state) => {
            const others = Object.entries(state.records).filter(([other]) => other !== record);
            const own = value === undefined ? [] : [[record, value] as const];
            return [{ ...state, records: Object.fromEntries([...others, ...own]) }, undefined];
        });
    }

    /** Removes everything that an interrupted test has left on this host. */
    public async clear(): Promise<void> {
        const ours = (await listMachines()).filter((machine) => machine.endsWith(`.${SUFFIX}`));
        for (const machine of ours) await removeMachine(machineNames(machine));
        for (const address of PUBLIC_ADDRESSES) {
            await run("ip", ["address", "del", `${address}/32`, "dev", "lo"], { okCodes: [0, 2] });
        }
        await run("ip", ["-6", "address", "del", `${HOST6}/128`, "dev", "lo"], { okCodes: [0, 2] });
        const tables = ["ip", "ip6"].map((family) => `${family} ${CLOUD_TABLE}`);
        await run("nft", ["-f", "-"], {
            input: tables.map((each) => `table ${each} {}\ndelete table ${each}\n`).join(""),
        });
        await deleteNetwork(`${PREFIX}${String(FIRST)}`);
        await rm(this.#folder, { recursive: true, force: true });
    }

    /** Changes what a machine has. One that is gone has nothing any more: whoever waited for the lock may come late. */
    #changeNode(
        instanceId: string,
        change: (node: Omit<CloudNode, "rules">) => Omit<CloudNode, "rules">,
    ): Promise<void> {
        return this.#change((state) => {
            const node = state.nodes[instanceId];
            const changed = node === undefined ? {} : { [instanceId]: change(node) };
            return [{ ...state, nodes: { ...state.nodes, ...changed } }, undefined];
        });
    }

    /** One at a time, and the host's network follows. */
    async #change<T>(change: (state: HostState) => [HostState, T]): Promise<T> {
        await mkdir(join(this.#folder, "hosts"), { recursive: true });
        return withLock(join(this.#folder, "lock"), "network of the stand-in clouds", async () => {
            const [state, result] = change(await this.#read());
            await writeFile(`${this.#stateFile}.new`, JSON.stringify(state, undefined, 2));
            await rename(`${this.#stateFile}.new`, this.#stateFile);
            const nodes = Object.entries(state.nodes).map(([id, node]): CloudNode => {
                return { ...node, rules: state.rules[id]?.rules ?? [] };
            });
            const input = renderCloudTable(nodes, SUBNET);
            await run("nft", ["-f", "-"], { input });
            const lines = Object.entries(state.records).map(
                ([record, ip]) => `${ip} ${record.replace(/ .*/, "")}\n`,
            );
            await writeFile(this.hostsFile, lines.join(""));
            return result;
        });
    }

    get #stateFile(): string {
        return join(this.#folder, "host.json");
    }

    async #read(): Promise<HostState> {
        if (!existsSync(this.#stateFile)) {
            return { nodes: {}, rules: {}, records: {} };
        }
        return JSON.parse(await readFile(this.#stateFile, "utf8")) as HostState;
    }
}
