/** How a client reached another one, as `tailscale ping` printed it. */
export type PingLine =
    | { readonly via: "relay"; readonly code: string; readonly line: string }
    | { readonly via: "direct"; readonly endpoint: string; readonly line: string };

/**
 * Reads what `tailscale ping` printed.
 *
 * @param text Its output.
 * @returns Each answer, in order; attempts without one are left out.
 */
export function parsePing(text: string): PingLine[] {
    return text.split("\n").flatMap((line): PingLine[] => {
        const via = /^pong from .* via (\S+) in \S+$/.exec(line)?.[1];
        if (via === undefined) {
            return [];
        }
        const code = /^DERP\((.*)\)$/.exec(via)?.[1];
        return code === undefined
            ? [{ via: "direct", endpoint: via, line }]
            : [{ via: "relay", code, line }];
    });
}

/**
 * Finds the line of a region in what `tailscale netcheck` printed.
 *
 * @param text Its output.
 * @param regionCode Code of the region.
 * @returns The line; undefined if the region is missing or did not answer.
 */
export function findNetcheckLine(text: string, regionCode: string): string | undefined {
    return text
        .split("\n")
        .map((line) => line.trim())
        .find((line) => {
            const [dash, code, latency = ""] = line.split(/\s+/);
            return dash === "-" && code === `${regionCode}:` && /^[\d.]+(µs|ms|s)$/.test(latency);
        });
}
