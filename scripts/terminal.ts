/**
 * Whether to colour what is written to a stream.
 *
 * @param stream Standard output or error.
 * @returns True on a terminal, unless the user asked for none (https://no-color.org).
 */
export function hasColours(stream: NodeJS.WriteStream): boolean {
    return stream.isTTY && (process.env.NO_COLOR ?? "") === "";
}
