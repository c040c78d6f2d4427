/**
 * Whether to colour what is written to a stream.
 *
 * @param stream Standard output or error.
 * @returns True on a terminal, unless the user asked for none (https://no-color.org).
 */
export function hasColours(stream: { readonly isTTY?: boolean }): boolean {
    // Undefined where it is no terminal; picocolors would guess from other signs.
    return stream.isTTY === true && (process.env.NO_COLOR ?? "") === "";
}
