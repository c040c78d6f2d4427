import { join } from "node:path";

/** Folder of all machines of the `local` place on this host. */
export const MACHINES_FOLDER = "/var/lib/derp-relay/machines";

/** What a machine and its network are called on the host. */
export interface MachineNames {
    /** Name for systemd-nspawn, and the machine's host name. */
    readonly machine: string;
    /** Everything that belongs to the machine and goes with it. */
    readonly folder: string;
    /** Its root file system. */
    readonly rootfs: string;
    /** What its console prints. */
    readonly console: string;
    /** systemd unit that holds it, where systemd runs the host. */
    readonly unit: string;
}

/**
 * Name of a region's machine.
 *
 * @param region Name of the region, which has no dot.
 * @param stack Name of the stack.
 * @returns A name that no other region of any stack has.
 */
export function machineName(region: string, stack: string): string {
    return `${region}.${stack}`;
}

/**
 * Tells which stack a machine belongs to.
 *
 * @param machine Name of the machine.
 * @returns Name of the stack.
 */
export function stackOf(machine: string): string {
    return machine.slice(machine.indexOf(".") + 1);
}

/**
 * Names of a machine.
 *
 * @param machine The machine's name.
 * @returns Its names on the host.
 */
export function machineNames(machine: string): MachineNames {
    const folder = join(MACHINES_FOLDER, machine);
    return {
        machine,
        folder,
        rootfs: join(folder, "rootfs"),
        console: join(folder, "console.log"),
        unit: `derp-relay-${machine}.service`,
    };
}

/** The bridge of a /24 and what goes with it. */
export interface NetworkNames {
    /** Bridge, at most 15 characters long as Linux wants. */
    readonly bridge: string;
    /** Table of nftables for the way out. */
    readonly table: string;
    /** The host's address on the bridge. */
    readonly gateway: string;
    /** The /24 in CIDR notation. */
    readonly subnet: string;
}

/**
 * Names of the network that an address belongs to.
 *
 * @param address IPv4 address of a machine.
 * @returns The bridge of its /24, the same for every machine in it.
 */
export function networkNames(address: string): NetworkNames {
    const parts = address.split(".").slice(0, 3);
    const hex = parts.map((part) => Number(part).toString(16).padStart(2, "0")).join("");
    const prefix = parts.join(".");
    return {
        bridge: `derp-${hex}`,
        table: `derp_relay_${hex}`,
        gateway: `${prefix}.1`,
        subnet: `${prefix}.0/24`,
    };
}
