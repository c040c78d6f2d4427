import { createRequire } from "node:module";
import { isDeepStrictEqual } from "node:util";

import { type CloudHooks, type FirewallRule, HOOKS_VARIABLE, type NewInstance } from "./hooks";

/** An instance in the world. */
export interface WorldInstance extends NewInstance {
    /** Grows whenever the instance gets a new system disk. */
    readonly installation: number;
}

/** A DNS record in the world. */
interface WorldRecord {
    readonly name: string;
    readonly type: string;
    readonly value: string;
}

/** A command that is run on an instance. */
export interface WorldInvocation {
    readonly instanceId: string;
    readonly content: string;
}

/** What the objects of a cloud amount to outside it; keys make things comparable. */
export interface World {
    readonly instances: ReadonlyMap<string, WorldInstance>;
    /** By id of the instance. */
    readonly addresses: ReadonlyMap<string, string>;
    /** The same over IPv6. */
    readonly ipv6Addresses: ReadonlyMap<string, string>;
    /** By id of the instance. */
    readonly firewalls: ReadonlyMap<string, readonly FirewallRule[]>;
    /** By name and type. */
    readonly records: ReadonlyMap<string, WorldRecord>;
    /** By ids of the invocation and of the instance. */
    readonly invocations: ReadonlyMap<string, WorldInvocation>;
}

const optionalRequire = createRequire(__filename);

/** The functions that an end-to-end run gave, if any. */
export function loadHooks(): Partial<CloudHooks> {
    const module = process.env[HOOKS_VARIABLE];
    return module === undefined || module === ""
        ? {}
        : (optionalRequire(module) as Partial<CloudHooks>);
}

/**
 * Calls the functions for what changed: first what goes, then what comes, for an address may move
 * from one instance to another at once.
 */
// eslint-disable-next-line complexity -- optional calls count, one each
export async function announce(
    hooks: Partial<CloudHooks>,
    change: { readonly before: World; readonly after: World; readonly version: number },
): Promise<void> {
    const { before, after, version } = change;
    await announceGone(hooks, before, after);
    for (const instance of changed(before.instances, after.instances, isSameDisk)) {
        await hooks.instanceCreated?.(instance);
    }
    const installed = withoutReinstalled(before, after);
    for (const [instanceId, rules] of changedEntries(installed.firewalls, after.firewalls)) {
        await hooks.firewallChanged?.({ instanceId, rules, version });
    }
    for (const [instanceId, address] of changedAddresses(installed, after)) {
        await hooks.addressBound?.({ instanceId, address });
    }
    for (const record of changed(before.records, after.records, isDeepStrictEqual)) {
        await hooks.recordChanged?.(record);
    }
    for (const invocation of changed(before.invocations, after.invocations, isDeepStrictEqual)) {
        await hooks.commandInvoked?.(invocation);
    }
}

async function announceGone(
    hooks: Partial<CloudHooks>,
    before: World,
    after: World,
): Promise<void> {
    for (const [key, { name, type }] of before.records) {
        if (!after.records.has(key)) await hooks.recordChanged?.({ name, type, value: undefined });
    }
    for (const [instanceId, address] of changedAddresses(after, before)) {
        await hooks.addressUnbound?.({ instanceId, address });
    }
    for (const { id } of changed(after.instances, before.instances, isSameDisk)) {
        await hooks.instanceDeleted?.({ id });
    }
}

/** A machine with a new disk is a new machine: it has to be told all that the old one was told. */
function withoutReinstalled(before: World, after: World): World {
    const kept = new Set(
        [...before.instances]
            .filter(([id, instance]) => isSameDisk(instance, after.instances.get(id)))
            .map(([id]) => id),
    );
    const keep = <T>(map: ReadonlyMap<string, T>): ReadonlyMap<string, T> =>
        new Map([...map].filter(([id]) => kept.has(id)));
    return {
        ...before,
        addresses: keep(before.addresses),
        ipv6Addresses: keep(before.ipv6Addresses),
        firewalls: keep(before.firewalls),
    };
}

/** User data alone is read only once, on the first start: its change is no new machine. */
function isSameDisk(one: WorldInstance | undefined, other: WorldInstance | undefined): boolean {
    return one?.installation === other?.installation;
}

function changed<T>(
    before: ReadonlyMap<string, T>,
    after: ReadonlyMap<string, T>,
    isSame: (one: T | undefined, other: T) => boolean,
): T[] {
    return [...after].filter(([key, value]) => !isSame(before.get(key), value)).map(([, v]) => v);
}

function changedEntries<T>(
    before: ReadonlyMap<string, T>,
    after: ReadonlyMap<string, T>,
): [string, T][] {
    return [...after].filter(([key, value]) => !isDeepStrictEqual(before.get(key), value));
}

function changedAddresses(before: World, after: World): [string, string][] {
    return (["addresses", "ipv6Addresses"] as const).flatMap((key) =>
        changedEntries(before[key], after[key]),
    );
}
