import { z } from "zod";

import { parseRegionId } from "./region-id";
import type { DerpMap } from "./types";

const port = z.int().min(1).max(65535).optional();
const regionId = z.int().min(900).max(999).transform(parseRegionId);
const node = z.looseObject({
    Name: z.string().min(1),
    RegionID: regionId,
    HostName: z.string().min(1),
    IPv4: z.ipv4(),
    IPv6: z.ipv6().or(z.literal("none")).optional(),
    CertName: z.string().optional(),
    DERPPort: port,
    STUNPort: port,
    CanPort80: z.boolean().optional(),
});
const map = z.looseObject({
    Regions: z
        .record(
            z.string(),
            z.looseObject({
                RegionID: regionId,
                RegionCode: z.string().min(1),
                RegionName: z.string(),
                Nodes: z.array(node).min(1),
            }),
        )
        .refine((regions) => Object.keys(regions).length > 0, "must have a region"),
});

/**
 * Reads a derpMap that somebody else may have written.
 *
 * @param text JSON of a `derpMap`, or of an object that has one under that key.
 * @returns The map.
 * @throws {Error} With every problem at once: the path and what is expected there. A node without
 * `IPv4` is one, because it could only be looked for through DNS.
 */
export function parseDerpMap(text: string): DerpMap {
    const value: unknown = parseJson(text);
    const inner = typeof value === "object" && value !== null && "derpMap" in value;
    const parsed = map.safeParse(inner ? value.derpMap : value);
    if (!parsed.success) {
        const lines = parsed.error.issues.map(
            ({ path, message }) => `  ${path.join(".") || "derpMap"}: ${message}`,
        );
        throw new Error(["the derpMap cannot be used:", ...lines].join("\n"));
    }
    return JSON.parse(JSON.stringify({ Regions: parsed.data.Regions })) as DerpMap;
}

function parseJson(text: string): unknown {
    try {
        return JSON.parse(text) as unknown;
    } catch (cause) {
        throw new Error("the derpMap must be JSON, as npm run --silent derp-map prints it", {
            cause,
        });
    }
}
