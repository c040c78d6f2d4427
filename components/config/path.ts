/** Steps from the top of the configuration to a value: keys and list positions. */
export type ConfigPath = readonly (string | number)[];

/**
 * Writes a path the way `pulumi config --path` reads it.
 *
 * @param path Steps from the top.
 * @returns Text such as `regions[1].ports.derp`.
 */
export function formatPath(path: ConfigPath): string {
    return path.reduce<string>((text, step) => {
        if (typeof step === "number") {
            return `${text}[${String(step)}]`;
        }
        if (!/^[\w:-]+$/.test(step)) {
            return `${text}["${step}"]`;
        }
        return text === "" ? step : `${text}.${step}`;
    }, "");
}

/**
 * Follows a path into a value.
 *
 * @param root Where the path starts.
 * @param path Steps from there.
 * @returns What is found, or undefined.
 */
export function valueAt(root: unknown, path: ConfigPath): unknown {
    return path.reduce<unknown>(
        (value, step) =>
            typeof value === "object" && value !== null
                ? (value as Readonly<Record<string | number, unknown>>)[step]
                : undefined,
        root,
    );
}

/**
 * Shortens a found value for an error message.
 *
 * @param value What the configuration holds.
 * @returns JSON of at most 60 characters; `nothing` when it is absent; `[secret]` when a private key or an auth key
 * stands where something else should.
 */
export function showValue(value: unknown): string {
    if (value === undefined || value === null) {
        return "nothing";
    }
    const text = JSON.stringify(value);
    if (/PRIVATE KEY|\b(ts|hs)key-/.test(text)) {
        return "[secret]";
    }
    return text.length > 60 ? `${text.slice(0, 57)}...` : text;
}
