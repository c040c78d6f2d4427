import { isDeepStrictEqual } from "node:util";

import type { Configuration, Kind } from "./kind";
import type { Properties } from "./types";
import { DEFAULTS, isObject, isUnknown, withoutDefaults } from "./values";

/** How a property differs. */
export interface PropertyChange {
    readonly kind: "add" | "delete" | "update";
    readonly isReplace: boolean;
}

/** How a resource differs from its program. */
export interface Difference {
    /** By path. */
    readonly changes: Readonly<Record<string, PropertyChange>>;
    /** Names of the arguments that replace it. */
    readonly replaces: readonly string[];
    readonly deleteBeforeReplace: boolean;
}

/** What is compared. */
export interface Versions {
    /** Outputs in the state. */
    readonly olds: Properties;
    /** Inputs in the state. */
    readonly oldInputs: Properties;
    readonly news: Properties;
    /** Names of arguments whose changes the program ignores. */
    readonly ignored?: readonly string[];
}

/** Compares as the bridges do: arguments against the state, not against the arguments before. */
export function difference(
    kind: Kind,
    versions: Versions,
    configuration: Configuration,
): Difference {
    const news = withoutDefaults(versions.news);
    const replacing = new Set([
        ...kind.replaces,
        ...(kind.replacesToo?.(news, configuration) ?? []),
    ]);
    const changes: Record<string, PropertyChange> = {};
    const replaces: string[] = [];
    for (const name of comparedNames(kind, versions)) {
        const paths = comparePaths(versions.olds[name], news[name], name);
        const isReplace = replacing.has(name);
        if (paths.length > 0 && isReplace) {
            replaces.push(name);
        }
        for (const [path, how] of paths) {
            changes[path] = { kind: how, isReplace };
        }
    }
    return { changes, replaces, deleteBeforeReplace: needsName(kind, versions, replaces) };
}

function comparedNames(kind: Kind, { oldInputs, news, ignored = [] }: Versions): string[] {
    // What the cloud chooses otherwise stays as it is when the program no longer says it.
    const given = Object.keys(withoutDefaults(news)).filter((name) => news[name] !== undefined);
    const gone = Object.keys(withoutDefaults(oldInputs)).filter(
        (name) => news[name] === undefined && !kind.computed.includes(name),
    );
    return [...given, ...gone].filter((name) => !ignored.includes(name));
}

/** A name that the program chose is taken until the old object is gone; bridges know that. */
function needsName(kind: Kind, { olds, news }: Versions, replaces: readonly string[]): boolean {
    const defaults = news[DEFAULTS];
    const isChosen = Array.isArray(defaults) && !defaults.includes("name");
    return (
        replaces.length > 0 &&
        kind.isNamed === true &&
        isChosen &&
        isDeepStrictEqual(olds.name, news.name)
    );
}

type How = PropertyChange["kind"];

// eslint-disable-next-line complexity -- one case a kind of value, in order
function comparePaths(before: unknown, after: unknown, path: string): [string, How][] {
    if (isDeepStrictEqual(before, after) && !isUnknown(after)) {
        return [];
    }
    if (before === undefined || after === undefined) {
        return [[path, before === undefined ? "add" : "delete"]];
    }
    if (Array.isArray(before) && Array.isArray(after)) {
        const length = Math.max(before.length, after.length);
        return Array.from({ length }, (_, index) =>
            comparePaths(before[index], after[index], `${path}[${String(index)}]`),
        ).flat();
    }
    if (isObject(before) && isObject(after)) {
        const names = new Set([...Object.keys(before), ...Object.keys(after)]);
        return [...names].flatMap((name) =>
            comparePaths(before[name], after[name], `${path}.${name}`),
        );
    }
    return [[path, "update"]];
}
