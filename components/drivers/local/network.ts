import { existsSync } from "node:fs";
import { mkdir, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { networkInterfaces } from "node:os";
import { BlockList } from "node:net";
import { dirname, join } from "node:path";

import { cacheFolder, withLock } from "../../host/cache";
import { isInstalled } from "../../host/packages";
import { run } from "../../host/run";
import { type NetworkNames, networkNames } from "./names";

const FORWARD_SWITCH = "/proc/sys/net/ipv4/ip_forward";
/** Marks that this program switched forwarding on; gone after a reboot, like the switch itself. */
const FORWARD_MARK = "/run/derp-relay/ip-forward-was-off";

/**
 * Makes the bridge of an address, with a way out to the internet for what is on it. Does nothing
 * for what is there already.
 *
 * @param address IPv4 address of a machine.
 * @throws {Error} If another interface of the host has an address in the same /24.
 */
export async function createNetwork(address: string): Promise<void> {
    await alone(() => create(address));
}

async function create(address: string): Promise<void> {
    const names = networkNames(address);
    assertFree(names);
    if (!existsSync(join("/sys/class/net", names.bridge))) {
        await run("ip", ["link", "add", names.bridge, "type", "bridge"]);
        await leaveAlone(names.bridge);
        await run("ip", ["address", "add", `${names.gateway}/24`, "dev", names.bridge]);
    }
    await run("ip", ["link", "set", names.bridge, "up"]);
    await switchForwardingOn();
    await run("nft", ["-f", "-"], { input: renderTable(names) });
    await passDocker(names.bridge, "-I");
}

/**
 * Removes the bridge of an address and all that came with it, unless a machine is still on it.
 *
 * @param address IPv4 address of a machine.
 */
export async function deleteNetwork(address: string): Promise<void> {
    await alone(() => remove(address));
}

/** The machines of a /24 share its bridge, and Pulumi makes and deletes them at the same time. */
async function alone(work: () => Promise<void>): Promise<void> {
    const folder = cacheFolder("locks");
    await mkdir(folder, { recursive: true });
    await withLock(join(folder, "network"), "network of the machines", work);
}

async function remove(address: string): Promise<void> {
    const names = networkNames(address);
    const folder = join("/sys/class/net", names.bridge);
    if (existsSync(folder)) {
        if ((await readdir(join(folder, "brif"))).length > 0) {
            return;
        }
        await run("ip", ["link", "delete", names.bridge]);
        await passDocker(names.bridge, "-D");
    }
    await run("nft", ["-f", "-"], {
        input: `table inet ${names.table} {}\ndelete table inet ${names.table}\n`,
    });
    await switchForwardingBack();
}

/** Removes every bridge of the `local` place that no machine is on, with what came with it. */
export async function removeUnusedNetworks(): Promise<void> {
    for (const bridge of await listBridges()) {
        const parts = bridge.slice("derp-".length).match(/../g) ?? [];
        await deleteNetwork([...parts.map((part) => parseInt(part, 16)), 2].join("."));
    }
    await switchForwardingBack();
}

/**
 * Text for `nft -f`: replaces the table in one step.
 *
 * @param names Names of the network.
 * @returns The rules.
 */
export function renderTable({ table, bridge, subnet }: NetworkNames): string {
    return [
        `table inet ${table} {}`,
        `delete table inet ${table}`,
        `table inet ${table} {`,
        "    chain postrouting {",
        "        type nat hook postrouting priority srcnat; policy accept;",
        `        ip saddr ${subnet} oifname != "${bridge}" masquerade`,
        "    }",
        "}",
        "",
    ].join("\n");
}

function assertFree({ bridge, subnet }: NetworkNames): void {
    const block = new BlockList();
    block.addSubnet(subnet.replace("/24", ""), 24);
    const taken = Object.entries(networkInterfaces()).find(
        ([name, addresses]) =>
            name !== bridge &&
            addresses?.some(({ family, address }) => family === "IPv4" && block.check(address)),
    );
    if (taken !== undefined) {
        throw new Error(
            `the machine's network must be free: interface ${taken[0]} of this host already has ` +
                `an address in ${subnet}. Choose another: npm run destroy, then ` +
                "npm start -- --address 10.91.0.100",
        );
    }
}

/** Where NetworkManager runs, it must not configure the bridge. */
async function leaveAlone(bridge: string): Promise<void> {
    if (isInstalled("nmcli")) {
        await run("nmcli", ["device", "set", bridge, "managed", "no"], { okCodes: [0, 1, 8, 10] });
    }
}

/** Docker drops what is forwarded, unless its chain for the user's own rules lets it pass. */
async function passDocker(bridge: string, action: "-I" | "-D"): Promise<void> {
    if (!isInstalled("iptables")) {
        return;
    }
    const chain = await run("iptables", ["-w", "-n", "-L", "DOCKER-USER"], { okCodes: [0, 1] });
    if (chain.code !== 0) {
        return;
    }
    for (const direction of ["-i", "-o"]) {
        const rule = ["DOCKER-USER", direction, bridge, "-j", "ACCEPT"];
        const found = await run("iptables", ["-w", "-C", ...rule], { okCodes: [0, 1] });
        if ((found.code === 0) === (action === "-D")) {
            await run("iptables", ["-w", action, ...rule]);
        }
    }
}

async function switchForwardingOn(): Promise<void> {
    if ((await readFile(FORWARD_SWITCH, "utf8")).trim() === "1") {
        return;
    }
    await mkdir(dirname(FORWARD_MARK), { recursive: true });
    await writeFile(FORWARD_MARK, "");
    await writeFile(FORWARD_SWITCH, "1");
}

async function switchForwardingBack(): Promise<void> {
    if ((await listBridges()).length === 0 && existsSync(FORWARD_MARK)) {
        // Docker and libvirt find it switched on and rely on it from then on.
        if (!(await hasOtherBridges())) {
            await writeFile(FORWARD_SWITCH, "0");
        }
        await rm(dirname(FORWARD_MARK), { recursive: true, force: true });
    }
}

async function listBridges(): Promise<string[]> {
    return (await readdir("/sys/class/net")).filter((name) => /^derp-[0-9a-f]{6}$/.test(name));
}

async function hasOtherBridges(): Promise<boolean> {
    const links = await readdir("/sys/class/net");
    return links.some((name) => existsSync(join("/sys/class/net", name, "bridge")));
}
