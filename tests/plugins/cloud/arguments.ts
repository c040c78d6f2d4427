import type { Properties } from "./types";
import { DEFAULTS, isObject, UNKNOWN } from "./values";

/** Type of an argument. */
export type ArgumentType =
    | "string"
    | "number"
    | "boolean"
    | "any"
    | { readonly list: ArgumentType }
    | { readonly map: ArgumentType }
    /** Looked up when it is needed: some packages' types fill megabytes. */
    | { readonly object: () => Shape };

/** An argument of a resource or function. */
export interface Argument {
    readonly type: ArgumentType;
    readonly required: boolean;
}

/** All arguments that something takes. */
export type Shape = Readonly<Record<string, Argument>>;

/** Something that is wrong with an argument. */
export interface Problem {
    /** Path of the argument, such as `ingresses[0].port`. */
    readonly path: string;
    readonly reason: string;
}

/**
 * Compares arguments with what is taken: what is missing, what is unknown, what has another type.
 * The real bridges convert some types silently; being stricter here costs no correct program
 * anything.
 */
export function argumentProblems(shape: Shape, inputs: Properties, prefix = ""): Problem[] {
    const given = Object.entries(inputs).filter(([name]) => name !== DEFAULTS);
    const missing = Object.entries(shape)
        .filter(([name, { required }]) => required && inputs[name] === undefined)
        .map(([name]) => ({
            path: prefix + name,
            reason: `Missing required argument. The argument "${snakeCase(name)}" is required, but no definition was found.`,
        }));
    const wrong = given.flatMap(([name, value]) => {
        const argument = shape[name];
        return argument === undefined
            ? [{ path: prefix + name, reason: "Invalid or unknown key." }]
            : typeProblems(argument.type, value, prefix + name);
    });
    return [...missing, ...wrong];
}

// eslint-disable-next-line complexity -- one case a kind of value, in order
function typeProblems(type: ArgumentType, value: unknown, path: string): Problem[] {
    if (value === UNKNOWN || value === undefined || type === "any") {
        return [];
    }
    if (typeof type === "string") {
        return typeof value === type ? [] : [unexpected(type, value, path)];
    }
    if ("list" in type) {
        return Array.isArray(value)
            ? value.flatMap((item, index) =>
                  typeProblems(type.list, item, `${path}[${String(index)}]`),
              )
            : [unexpected("array", value, path)];
    }
    if (!isObject(value)) {
        return [unexpected("object", value, path)];
    }
    return "object" in type
        ? argumentProblems(type.object(), value, `${path}.`)
        : Object.entries(value).flatMap(([key, item]) =>
              typeProblems(type.map, item, `${path}.${key}`),
          );
}

function unexpected(type: string, value: unknown, path: string): Problem {
    const got = Array.isArray(value) ? "array" : typeof value;
    return { path, reason: `expected ${type} type, got ${got} type.` };
}

/** Name of an argument as Terraform, and so the bridges' messages, have it. */
export function snakeCase(name: string): string {
    return name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
}
