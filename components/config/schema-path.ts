import leven from "leven";
import { z } from "zod";

import { type Field, fieldOf, unwrap } from "./field";
import { type ConfigPath, valueAt } from "./path";
import { regionsSchema } from "./schema";

/** Letters in which a key may differ from what was meant. */
const MOST_TYPOS = 2;

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
 * @returns Paths of what its first element must have, or of that element; nothing when there is no list.
 */
export function beginOfList(path: ConfigPath, raw: unknown): readonly ConfigPath[] {
    const schema = schemaAt(path, raw);
    const list = schema === undefined ? undefined : unwrap(schema);
    if (!(list instanceof z.ZodArray)) {
        return [];
    }
    const { element } = list;
    if (!(element instanceof z.ZodObject)) {
        return [[...path, 0]];
    }
    const shape: Readonly<Record<string, z.ZodType>> = element.shape;
    return Object.keys(shape)
        .filter((key) => shape[key]?.safeParse(undefined).success === false)
        .map((key) => [...path, 0, key]);
}

/**
 * The key that somebody has most likely meant.
 *
 * @param path Steps from the list of regions to a key that there is not.
 * @param raw The configuration.
 * @returns A key of the same object that is not set yet; undefined when none is similar.
 */
export function similarKey(path: ConfigPath, raw: unknown): string | undefined {
    const [parent, key] = [path.slice(0, -1), String(path.at(-1)).toLowerCase()];
    const free = keysAt(parent, raw).filter(
        (each) => valueAt(raw, [...parent, each]) === undefined,
    );
    const [nearest] = free
        .map((each) => ({ each, distance: leven(each.toLowerCase(), key) }))
        .toSorted((a, b) => a.distance - b.distance);
    // Of two letters, another two would make anything.
    const most = Math.min(MOST_TYPOS, Math.floor(key.length / 2));
    return nearest !== undefined && nearest.distance <= most ? nearest.each : undefined;
}

function keysAt(path: ConfigPath, raw: unknown): readonly string[] {
    const schema = schemaAt(path, raw);
    const inner = schema === undefined ? undefined : unwrap(schema);
    if (inner instanceof z.ZodObject) {
        return Object.keys(inner.shape);
    }
    if (!(inner instanceof z.ZodDiscriminatedUnion)) {
        return [];
    }
    const chosen = valueAt(raw, [...path, inner._zod.def.discriminator]);
    return inner.options
        .filter((option) => chosen === undefined || chooserOf(inner, option) === chosen)
        .flatMap((option) => Object.keys((option as z.ZodObject).shape));
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
