import { mkdir } from "node:fs/promises";
import { join } from "node:path";

import type { DerpMap } from "../../../components/derp-map/types";
import { ensureDebianPackages } from "../../../components/host/packages";
import { run } from "../../../components/host/run";
import { ensureTestTools, type TestTools } from "../tools/ensure-tools";
import { Client } from "./client";
import { startControl } from "./control";
import { CONTROL_PORT } from "./headscale-config";
import { namespacesOf, prefixLength } from "./names";
import { createNamespace, reap, reapAtExit, reapLeftovers } from "./namespace";

/** Where a tailnet is made. */
export interface TailnetOptions {
    /** Prefix of all names: up to 11 letters and digits, unique on the host. */
    readonly name: string;
    /** Bridge of the host that the relay is on. */
    readonly bridge: string;
    /** The host's address on the bridge, with its prefix length. */
    readonly hostAddress: string;
    /** IPv4 addresses that are free on the bridge. */
    readonly addresses: { readonly control: string; readonly clients: readonly [string, string] };
    /** Network beyond the host that the relays are in; undefined when they are on the bridge. */
    readonly relayNetwork?: string;
    /** The map that the control plane serves. */
    readonly derpMap: DerpMap;
    /** File with the authorities that the clients trust instead of the host's. */
    readonly authorities?: string | undefined;
    /** Existing folder for state and logs; it stays when the tailnet goes. */
    readonly workFolder: string;
}

/** A control plane with two clients that reach each other through relays only. */
export interface Tailnet {
    /** The clients. */
    readonly clients: readonly [Client, Client];
    /**
     * Serves another map, and waits until both clients know it and may reach its relays.
     *
     * @param map The map.
     */
    updateDerpMap(map: DerpMap): Promise<void>;
    /** Ends everything. May be called twice. */
    stop(): Promise<void>;
}

/**
 * Makes a tailnet in three network namespaces. What a killed run of the same name left is removed
 * before; when the start fails, or this process ends, nothing stays but files in `workFolder`.
 *
 * @param options Where to make it.
 * @returns The tailnet, with both clients logged in.
 */
export async function startTailnet(options: TailnetOptions): Promise<Tailnet> {
    const namespaces = namespacesOf(options.name);
    await ensureDebianPackages({ ip: "iproute2", nft: "nftables" });
    const tools = await ensureTestTools();
    await reapLeftovers(namespaces);
    const watch = await reapAtExit(namespaces);
    const stop = async () => {
        await reap(namespaces).finally(() => watch.end());
    };
    try {
        return { ...(await start(options, namespaces, tools)), stop };
    } catch (error) {
        await stop();
        throw error;
    }
}

async function start(
    options: TailnetOptions,
    namespaces: readonly [string, string, string],
    tools: TestTools,
): Promise<Omit<Tailnet, "stop">> {
    const { addresses, authorities, workFolder } = options;
    await link(options, namespaces);
    const [controlNamespace, ...clientNamespaces] = namespaces;
    const folder = join(workFolder, "control");
    await mkdir(folder, { recursive: true, mode: 0o700 });
    const control = await startControl({
        headscale: tools.headscale,
        namespace: controlNamespace,
        address: addresses.control,
        folder,
        derpMap: options.derpMap,
    });
    const makeClient = (name: string) =>
        new Client({
            ...tools,
            ...{ name, namespace: name, folder: join(workFolder, name), authorities },
        });
    const clients = [makeClient(clientNamespaces[0]), makeClient(clientNamespaces[1])] as const;
    const cutOff = (map: DerpMap) =>
        Promise.all(
            clients.map((client) =>
                client.cutOff({ address: addresses.control, port: CONTROL_PORT }, map),
            ),
        );
    // Before they start: they must never have met.
    await cutOff(options.derpMap);
    await Promise.all(clients.map((client) => client.start(control)));
    return {
        clients,
        async updateDerpMap(map) {
            await cutOff(map);
            await control.writeDerpMap(map);
            await Promise.all(clients.map((client) => client.waitForDerpMap(map)));
        },
    };
}

async function link(
    { bridge, hostAddress, addresses, relayNetwork }: TailnetOptions,
    namespaces: readonly string[],
): Promise<void> {
    const length = String(prefixLength(hostAddress));
    const all = [addresses.control, ...addresses.clients];
    for (const [index, namespace] of namespaces.entries()) {
        await createNamespace({ namespace, bridge, address: `${all[index] ?? ""}/${length}` });
        if (relayNetwork !== undefined) {
            const [gateway = ""] = hostAddress.split("/");
            await run("ip", ["-n", namespace, "route", "add", relayNetwork, "via", gateway]);
        }
    }
}
