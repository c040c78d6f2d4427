import { isDeepStrictEqual } from "node:util";

import {
    specialOutputValueSig,
    specialSecretSig,
    specialSigKey,
    unknownValue,
} from "@pulumi/pulumi/runtime/rpc";

/** Properties of a resource as they go over the wire, with secrets wrapped and unknowns marked. */
export type Properties = Readonly<Record<string, unknown>>;

function isObject(value: unknown): value is Properties {
    return typeof value === "object" && value !== null && !Array.isArray(value);
}

function isWrapped(value: unknown): value is Properties {
    return (
        isObject(value) &&
        (value[specialSigKey] === specialSecretSig ||
            value[specialSigKey] === specialOutputValueSig)
    );
}

/**
 * Takes the wrappers of secrets off, at every depth; what is unknown stays marked.
 *
 * @param value What the engine sent.
 * @returns The value itself.
 */
export function plain(value: unknown): unknown {
    if (isWrapped(value)) {
        return "value" in value ? plain(value.value) : unknownValue;
    }
    if (Array.isArray(value)) {
        return value.map(plain);
    }
    if (isObject(value)) {
        // The wire carries nulls for what is absent.
        const entries = Object.entries(value).filter(([, inner]) => inner !== null);
        return Object.fromEntries(entries.map(([name, inner]) => [name, plain(inner)]));
    }
    return value;
}

/** Takes the wrappers of secrets off all properties of a resource. */
export function plainProperties(properties: Properties): Properties {
    return plain(properties) as Properties;
}

/** Whether a value, or any in it, is not known yet. */
export function isUnknown(value: unknown): boolean {
    const bare = plain(value);
    if (Array.isArray(bare)) {
        return bare.some(isUnknown);
    }
    return isObject(bare) ? Object.values(bare).some(isUnknown) : bare === unknownValue;
}

/** Whether a value, or any in it, is a secret. */
export function isSecret(value: unknown): boolean {
    if (isWrapped(value)) {
        return value[specialSigKey] === specialSecretSig || value.secret === true;
    }
    if (Array.isArray(value)) {
        return value.some(isSecret);
    }
    return isObject(value) && Object.values(value).some(isSecret);
}

/** Marks a value as a secret: the engine encrypts it in the state and hides it in its output. */
export function secret(value: unknown): Properties {
    return { [specialSigKey]: specialSecretSig, value };
}

/** Which of the named properties differ. */
export function changed(names: readonly string[], olds: Properties, news: Properties): string[] {
    const before = plainProperties(olds);
    const after = plainProperties(news);
    return names.filter((name) => !isDeepStrictEqual(before[name], after[name]));
}

/** Type of the resource that a URN names, such as `tls:index/privateKey:PrivateKey`. */
export function typeOf(urn: string): string {
    return urn.split("::")[2]?.split("$").at(-1) ?? "";
}
