import { z } from "zod";

import { type Field, fieldOf, unwrap } from "./field";
import { type ConfigPath, valueAt } from "./path";
import { regionsSchema } from "./schema";

/**
 * Finds what was said of a key.
 *
 * @param path Steps from the list of regions.
 * @param raw The configuration, whose choosers (`place.driver`) tell which member of a union is meant.
 * @returns The field; undefined when there is no such key.
 */
export function fieldAt(path: ConfigPath, raw: unknown): Field | undefined {
    const schema = schemaAt(path, raw);
    const own = schema === undefined ? undefined : fieldOf(schema);
    const parent = path.slice(0, -1);
    // The chooser of a union (`place.driver`) is described by the union.
    return own ?? (unionAt(parent, raw) === undefined ? undefined : fieldAt(parent, raw));
}

/**
 * Whether a key holds other keys, so that no single value can be set for it.
 *
 * @param path Steps from the list of regions.
 * @param raw The configuration.
 * @returns True for lists and objects that are not chosen by a key of theirs.
 */
export function isContainer(path: ConfigPath, raw: unknown): boolean {
    const schema = schemaAt(path, raw);
    const inner = schema === undefined ? undefined : unwrap(schema);
    return inner instanceof z.ZodArray || inner instanceof z.ZodObject;
}

/**
 * Where a list that is missing begins.
 *
 * @param path Steps from the list of regions.
 * @param raw The configuration.
 * @returns Path of the first key of the list's first element; undefined when there is no list of objects.
 */
export function beginOfList(path: ConfigPath, raw: unknown): ConfigPath | undefined {
    const schema = schemaAt(path, raw);
    const list = schema === undefined ? undefined : unwrap(schema);
    if (!(list instanceof z.ZodArray && list.element instanceof z.ZodObject)) {
        return undefined;
    }
    const [key = ""] = Object.keys(list.element.shape);
    return [...path, 0, key];
}

/**
 * The value with which a member of a union is chosen.
 *
 * @param union The union.
 * @param option One of its members.
 * @returns The literal, such as `alicloud`.
 */
export function chooserOf(union: z.ZodDiscriminatedUnion, option: z.core.$ZodType): string {
    const { shape } = option as z.ZodObject;
    const chooser = shape[union._zod.def.discriminator] as z.core.$ZodType;
    return String((unwrap(chooser) as z.ZodLiteral).value);
}

/**
 * A union is set through the key that chooses among its members.
 *
 * @param path Steps from the list of regions.
 * @param raw The configuration.
 * @returns The same path, or the one of the key that chooses.
 */
export function settablePath(path: ConfigPath, raw: unknown): ConfigPath {
    const choice = choiceAt(path, raw);
    return choice === undefined ? path : [...path, choice.chooser];
}

/** How one member of a union is chosen. */
export interface Choice {
    /** The key that chooses, such as `mode`. */
    readonly chooser: string;
    /** Every value that it may have. */
    readonly values: readonly string[];
    /** Those of the members that have a key of a certain name. */
    readonly having: (key: string) => readonly string[];
}

/**
 * What is to be chosen at a path.
 *
 * @param path Steps from the list of regions.
 * @param raw The configuration.
 * @returns The choice; undefined where nothing is to be chosen.
 */
export function choiceAt(path: ConfigPath, raw: unknown): Choice | undefined {
    const union = unionAt(path, raw);
    if (union === undefined) {
        return undefined;
    }
    const valuesOf = (options: readonly z.core.$ZodType[]) =>
        options.map((option) => chooserOf(union, option));
    return {
        chooser: union._zod.def.discriminator,
        values: valuesOf(union.options),
        having: (key) =>
            valuesOf(union.options.filter((option) => childOf(option, key, {}) !== undefined)),
    };
}

function unionAt(path: ConfigPath, raw: unknown): z.ZodDiscriminatedUnion | undefined {
    const schema = schemaAt(path, raw);
    const inner = schema === undefined ? undefined : unwrap(schema);
    return inner instanceof z.ZodDiscriminatedUnion ? inner : undefined;
}

function schemaAt(path: ConfigPath, raw: unknown): z.core.$ZodType | undefined {
    return path.reduce<z.core.$ZodType | undefined>(
        (schema, step, index) =>
            schema === undefined
                ? undefined
                : childOf(unwrap(schema), step, valueAt(raw, path.slice(0, index))),
        regionsSchema,
    );
}

function childOf(
    schema: z.core.$ZodType,
    step: string | number,
    value: unknown,
): z.core.$ZodType | undefined {
    if (schema instanceof z.ZodArray) {
        return schema.element;
    }
    if (schema instanceof z.ZodObject) {
        const shape: Readonly<Record<string, z.core.$ZodType>> = schema.shape;
        const child = shape[step];
        return child === undefined || fieldOf(child) !== undefined ? child : unwrap(child);
    }
    if (schema instanceof z.ZodDiscriminatedUnion) {
        const chosen = valueAt(value, [schema._zod.def.discriminator]);
        const options = schema.options.toSorted(
            (a, b) =>
                Number(chooserOf(schema, b) === chosen) - Number(chooserOf(schema, a) === chosen),
        );
        return options
            .map((option) => childOf(option, step, value))
            .find((child) => child !== undefined);
    }
    return undefined;
}
