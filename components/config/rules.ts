import { checkCertificate } from "../certificates/certificate";
import { defaultLocalAddress } from "./local-address";
import type { ConfigPath } from "./path";
import type { RegionConfig } from "./schema";

/** A broken rule: what a problem needs, before paths and commands are written out. */
export interface BrokenRule {
    /** Steps to the value, below the list of regions. */
    readonly path: ConfigPath;
    /** What is wrong, to follow the path. */
    readonly reason: string;
    /** A value that would be right, when one can be named. */
    readonly better?: string;
}

/**
 * Checks what no single value shows: uniqueness, and values that must fit each other.
 *
 * @param regions Regions whose single values are right.
 * @param now Time of the check.
 * @returns Every broken rule.
 */
export function checkRules(regions: readonly RegionConfig[], now: Date): readonly BrokenRule[] {
    return [
        ...checkUnique(regions, "regionId", (region) => region.regionId),
        ...checkUnique(regions, "name", (region) => region.name),
        ...checkUnique(regions, "regionCode", (region) => region.regionCode ?? region.name),
        ...checkUnique(regions, "hostname", (region) => region.hostname),
        ...checkUnique(regions, "place.address", localAddress),
        ...regions.flatMap((region, index) => [
            ...checkPorts(region, index),
            ...checkRegionCertificate(region, index, now),
        ]),
    ];
}

/**
 * Address of a region's machine where it is known before the machine exists.
 *
 * @param region A region of the `local` place.
 * @returns The configured address, or the one that follows from the region's ID.
 */
export function localAddress(region: RegionConfig): string {
    return region.place.address ?? defaultLocalAddress(region.regionId);
}

function checkUnique(
    regions: readonly RegionConfig[],
    key: string,
    read: (region: RegionConfig) => string | number | undefined,
): BrokenRule[] {
    const owners = new Map<string | number, string>();
    return regions.flatMap((region, index) => {
        const value = read(region);
        const owner = value === undefined ? undefined : owners.get(value);
        if (value === undefined || owner === undefined) {
            if (value !== undefined) owners.set(value, region.name);
            return [];
        }
        return [
            {
                path: [index, ...key.split(".")],
                reason: `must be unique: ${String(value)} is already used by region ${owner}`,
                ...(key === "regionId" ? { better: String(freeId(regions)) } : {}),
            },
        ];
    });
}

function freeId(regions: readonly RegionConfig[]): number {
    const used = new Set(regions.map(({ regionId }) => regionId));
    return Array.from({ length: 100 }, (_, step) => 900 + step).find((id) => !used.has(id)) ?? 900;
}

function checkPorts({ ports }: RegionConfig, index: number): BrokenRule[] {
    if (ports.derp !== ports.http) {
        return [];
    }
    return [
        {
            path: [index, "ports", "http"],
            reason: `must differ from ports.derp: both are ${String(ports.http)}`,
            better: ports.derp === 80 ? "-1" : "80",
        },
    ];
}

function checkRegionCertificate(region: RegionConfig, index: number, now: Date): BrokenRule[] {
    const host = region.hostname ?? localAddress(region);
    return checkCertificate(region.certificate, host, now).map(({ value, reason }) => ({
        path: [index, "certificate", value],
        reason,
    }));
}
