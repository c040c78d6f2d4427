import type { DerpMap, DerpRegionEntry } from "./types";

/**
 * Puts regions together into one map.
 *
 * @param entries The regions.
 * @returns The map, ordered by region ID.
 * @throws {Error} If two regions have the same ID: one would silently replace the other.
 */
export function mergeEntries(entries: readonly DerpRegionEntry[]): DerpMap {
    const regions = new Map<number, DerpRegionEntry>();
    for (const entry of entries) {
        const other = regions.get(entry.RegionID);
        if (other !== undefined) {
            throw new Error(
                `region IDs must be unique: ${String(entry.RegionID)} is used by ` +
                    `${other.RegionCode} and ${entry.RegionCode}`,
            );
        }
        regions.set(entry.RegionID, entry);
    }
    const sorted = [...regions].sort(([a], [b]) => a - b);
    return { Regions: Object.fromEntries(sorted.map(([id, entry]) => [String(id), entry])) };
}
