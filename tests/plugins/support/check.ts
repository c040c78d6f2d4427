import type { CheckFailure } from "@pulumi/pulumi/provider";

import { isUnknown, plain, type Properties } from "./property-values";

/** What is wrong with a value; undefined when nothing is. */
export type Rule = (value: unknown) => string | undefined;

/** Properties that a resource takes. */
export interface Shape {
    /** Those that must be there. */
    readonly required: Readonly<Record<string, Rule>>;
    /** Those that may be there. */
    readonly optional: Readonly<Record<string, Rule>>;
}

export const isString: Rule = (value) =>
    typeof value === "string" ? undefined : "must be a string";

export const isBoolean: Rule = (value) =>
    typeof value === "boolean" ? undefined : "must be a boolean";

export const isAnything: Rule = () => undefined;

/** A rule: one of these words. */
export function isOneOf(words: readonly string[]): Rule {
    return (value) =>
        words.includes(value as string)
            ? undefined
            : `value must be one of: ${JSON.stringify(words)}, got: ${JSON.stringify(value)}`;
}

/** A rule: a whole number that is not below a limit. */
export function isAtLeast(limit: number): Rule {
    return (value) =>
        Number.isSafeInteger(value) && (value as number) >= limit
            ? undefined
            : `value must be at least ${String(limit)}, got: ${JSON.stringify(value)}`;
}

/** A rule: a list whose every known value follows another rule. */
export function isListOf(rule: Rule): Rule {
    return (value) => {
        if (!Array.isArray(value)) {
            return "must be a list";
        }
        return value
            .filter((item) => !isUnknown(item))
            .map(rule)
            .find(Boolean);
    };
}

/**
 * Compares arguments with the shape of a resource, as strictly as a provider does: what is missing,
 * what is not known to it, and what is wrong.
 *
 * @param inputs The arguments; those that are not known yet are taken as right.
 * @param shape What the resource takes.
 * @param prefix Path of the object that they are in, when they are not the resource's own.
 * @returns What the engine is told.
 */
export function failuresOf(inputs: Properties, shape: Shape, prefix = ""): CheckFailure[] {
    const rules = { ...shape.optional, ...shape.required };
    const values = plain(inputs) as Properties;
    const missing = Object.keys(shape.required)
        .filter((name) => values[name] === undefined)
        .map((name) => ({
            property: prefix + name,
            reason: `Missing required property '${prefix}${name}'`,
        }));
    const wrong = Object.entries(values)
        // Names such as __defaults are the engine's own.
        .filter(([name]) => !name.startsWith("__"))
        .map(([name, value]) => ({ property: prefix + name, reason: reasonOf(rules[name], value) }))
        .filter((failure): failure is CheckFailure => failure.reason !== undefined);
    return [...missing, ...wrong];
}

function reasonOf(rule: Rule | undefined, value: unknown): string | undefined {
    if (rule === undefined) {
        return "an argument with this name is not expected here";
    }
    return value === undefined || (isUnknown(value) && !Array.isArray(value))
        ? undefined
        : rule(value);
}
