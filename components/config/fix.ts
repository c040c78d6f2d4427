import { type ConfigPath, formatPath, valueAt } from "./path";
import { beginOfList, fieldAt, isContainer, settablePath } from "./schema-path";

/** Whose configuration commands are for. */
export interface CommandSource {
    /** Key of the list of regions with its namespace: `derp:regions`. */
    readonly key: string;
    /** Name of the stack, for messages and commands. */
    readonly stack: string;
    /** How the user calls the Pulumi CLI; `pulumi` when not given. */
    readonly pulumi?: string;
}

/** What a command is made of. */
export interface FixContext {
    /** What the stack's configuration holds. */
    readonly raw: unknown;
    /** Whose it is. */
    readonly source: CommandSource;
    /** The right value, when it is known; else the key's example. */
    readonly better?: string | undefined;
}

/**
 * Command that sets a key to something right. What a single value cannot be set for is begun or taken away.
 *
 * @param path Steps from the list of regions.
 * @param context What the command is made of.
 * @returns What can be pasted into a shell.
 */
export function setCommand(path: ConfigPath, context: FixContext): string {
    const { raw, source, better } = context;
    if (isContainer(path, raw)) {
        return containerCommand(path, context);
    }
    const about = fieldAt(path, raw);
    const value = better ?? about?.example ?? "VALUE";
    const target = formatPath([source.key, ...settablePath(path, raw)]);
    const secret = about?.secret === true ? "--secret " : "";
    const set = `${start(source, "set")} ${secret}--path '${target}' ${argument(value)}`;
    return keepsQuotes(valueAt(raw, path), value)
        ? `${removeCommand(path, source)} && ${set}`
        : set;
}

/** What begins with a hyphen would be taken for an option. */
function argument(value: string): string {
    return value.startsWith("-") ? `-- ${value}` : value;
}

/** Whether Pulumi would make a text of a number or a boolean, because one stands there. */
function keepsQuotes(found: unknown, value: string): boolean {
    return typeof found === "string" && /^(-?\d+|true|false)$/.test(value);
}

/** A shell can only hand over text: what is missing is begun, what is wrong is taken away. */
function containerCommand(path: ConfigPath, context: FixContext): string {
    const { raw, source } = context;
    const value = valueAt(raw, path);
    const begin = beginOfList(path, raw).map((each) => setCommand(each, { raw, source }));
    const remove = removeCommand(path, source);
    if (begin.length === 0 || (Array.isArray(value) && value.length > 0)) {
        return remove;
    }
    const isThere = value !== undefined && !Array.isArray(value);
    return [...(isThere ? [remove] : []), ...begin].join(" && ");
}

/**
 * Command that takes a key out of the list of regions.
 *
 * @param path Steps from the list.
 * @param source Whose it is.
 * @returns What can be pasted into a shell.
 */
export function removeCommand(path: ConfigPath, source: CommandSource): string {
    return `${start(source, "rm")} --path '${formatPath([source.key, ...path])}'`;
}

/**
 * Command that takes away a whole key of the stack, whatever its name.
 *
 * @param key The key with its namespace.
 * @param source Whose it is.
 * @returns What can be pasted into a shell.
 */
export function removeKeyCommand(key: string, source: CommandSource): string {
    return `${start(source, "rm")} '${key}'`;
}

function start({ pulumi = "pulumi", stack }: CommandSource, verb: "set" | "rm"): string {
    return `${pulumi} config ${verb} --stack ${stack}`;
}
