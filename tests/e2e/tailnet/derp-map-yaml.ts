import { stringify } from "yaml";

import type { DerpMap } from "../../../components/derp-map/types";

/**
 * Writes a map as headscale reads it from a file: YAML whose keys are the names of Tailscale's
 * fields in lower case.
 *
 * @param map What a stack exports.
 * @returns Text for a file in headscale's `derp.paths`.
 * @see https://github.com/juanfont/headscale/blob/v0.27.1/derp-example.yaml
 */
export function toHeadscaleDerpMap(map: DerpMap): string {
    return stringify(withLowerCaseKeys(map));
}

function withLowerCaseKeys(value: unknown): unknown {
    if (Array.isArray(value)) {
        return value.map(withLowerCaseKeys);
    }
    if (typeof value !== "object" || value === null) {
        return value;
    }
    const entries = Object.entries(value).map(([key, inner]: [string, unknown]) => [
        // Region IDs are integers in headscale, and the library would quote such a string.
        /^\d+$/.test(key) ? Number(key) : key.toLowerCase(),
        withLowerCaseKeys(inner),
    ]);
    return new Map(entries as [string | number, unknown][]);
}
