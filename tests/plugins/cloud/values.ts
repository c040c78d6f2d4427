import { specialSigKey, unknownValue } from "@pulumi/pulumi/runtime/rpc";

import type { Properties } from "./types";

/** Stands for what a preview cannot know. */
export const UNKNOWN = unknownValue;
/** The bridges list here which inputs they filled in themselves. */
export const DEFAULTS = "__defaults";

/** Whether something has properties. */
export function isObject(value: unknown): value is Properties {
    return typeof value === "object" && value !== null && !Array.isArray(value);
}

/**
 * Takes off the wrappers of secrets, and what is null: the wire has nulls for what is absent.
 *
 * @param value What the engine sent.
 * @returns The bare value.
 */
export function plain(value: unknown): unknown {
    if (Array.isArray(value)) {
        return value.map(plain);
    }
    if (!isObject(value)) {
        return value;
    }
    if (specialSigKey in value) {
        return plain(value.value ?? UNKNOWN);
    }
    const entries = Object.entries(value).filter(([, inner]) => inner !== null);
    return Object.fromEntries(entries.map(([name, inner]) => [name, plain(inner)]));
}

/** Whether a value, or anything in it, is not known yet. */
export function isUnknown(value: unknown): boolean {
    if (Array.isArray(value)) {
        return value.some(isUnknown);
    }
    return isObject(value) ? Object.values(value).some(isUnknown) : value === UNKNOWN;
}

/** The properties without the list of defaults, which no cloud knows. */
export function withoutDefaults(properties: Properties): Properties {
    return without(properties, DEFAULTS);
}

/** The properties but for some. */
export function without(properties: Properties, ...names: readonly string[]): Properties {
    return Object.fromEntries(Object.entries(properties).filter(([name]) => !names.includes(name)));
}

/** A string property; empty when it is absent. */
export function text(properties: Properties, name: string): string {
    const value = properties[name];
    return typeof value === "string" ? value : "";
}

/** A property that is a list of strings; empty when it is absent. */
export function texts(properties: Properties, name: string): string[] {
    const value = properties[name];
    return Array.isArray(value) ? value.filter((item) => typeof item === "string") : [];
}

/** A number property; 0 when it is absent. */
export function number(properties: Properties, name: string): number {
    const value = properties[name];
    return typeof value === "number" ? value : 0;
}

/** A property that is a list of objects; empty when it is absent. */
export function objects(properties: Properties, name: string): Properties[] {
    const value = properties[name];
    return Array.isArray(value) ? value.filter(isObject) : [];
}

/** Token of the resource that a URN names. */
export function typeOfUrn(urn: string): string {
    return urn.split("::")[2]?.split("$").at(-1) ?? "";
}

/** Name that the program gave to the resource of a URN. */
export function nameOfUrn(urn: string): string {
    return urn.split("::").slice(3).join("::");
}
