import type { z } from "zod";

import { type ConfigPath, formatPath, showValue, valueAt } from "./path";
import { configError, type Problem } from "./problems";
import { checkRules, type RuleContext } from "./rules";
import { type RegionSettings, settle } from "./region-settings";
import { type RegionConfig, regionsSchema } from "./schema";
import {
    type CommandSource,
    type FixContext,
    removeCommand,
    removeKeyCommand,
    setCommand,
} from "./fix";
import { type Choice, choiceAt, fieldAt, isContainer, similarKey } from "./schema-path";

/** Where the configuration comes from. */
export interface ConfigSource extends RuleContext, CommandSource {
    /** Other keys of the project's that the stack has. */
    readonly otherKeys: readonly string[];
    /** Whether the stack keeps a value encrypted. */
    readonly isEncrypted: (path: ConfigPath) => boolean;
}

/**
 * Turns the raw list of regions into typed settings.
 *
 * @param raw What the stack's configuration holds.
 * @param source Where it comes from.
 * @returns The regions with defaults filled in.
 * @throws {Error} With every problem at once: path, value found, what is allowed, and
 * the command that fixes it. Secret values are never part of it.
 */
export function parseRegions(raw: unknown, source: ConfigSource): readonly RegionSettings[] {
    const parsed = regionsSchema.safeParse(raw);
    const own = parsed.success
        ? ruleProblems(parsed.data, raw, source)
        : [
              ...parsed.error.issues
                  .filter(notOfAnother(parsed.error.issues, raw))
                  .flatMap((issue) => issueProblems(issue, raw, source)),
              ...ruleProblems(rightRegions(raw), raw, source),
          ];
    const reported = new Set(own.map(({ path }) => path));
    const secrets = plainSecrets(raw, source).filter(({ path }) => !reported.has(path));
    const problems = [...strayKeys(source), ...secrets, ...own];
    if (!parsed.success || problems.length > 0) {
        throw configError(source.stack, problems);
    }
    return parsed.data.map(settle);
}

/** Those whose single values are right, each in its place: what is wrong with one hides nothing of another. */
function rightRegions(raw: unknown): readonly (RegionConfig | undefined)[] {
    return Array.isArray(raw)
        ? raw.map((each: unknown) => regionsSchema.element.safeParse(each).data)
        : [];
}

function ruleProblems(
    regions: readonly (RegionConfig | undefined)[],
    raw: unknown,
    source: ConfigSource,
) {
    return checkRules(regions, source).map(({ path, reason, better, fix }) => ({
        path: formatPath([regionsName(source), ...path]),
        reason,
        fix: fix ?? setCommand(path, { raw, source, better }),
    }));
}

function strayKeys({ otherKeys, ...source }: ConfigSource): Problem[] {
    return otherKeys.map((key) => {
        const hint = /[.[]/.test(key) ? ": with a path, pulumi config set wants --path" : "";
        return {
            path: key,
            reason: `must be left out: no such key, only ${source.key}${hint}`,
            fix: removeKeyCommand(key, source),
        };
    });
}

function plainSecrets(raw: unknown, source: ConfigSource): Problem[] {
    return secretPaths(raw)
        .filter((path) => !source.isEncrypted(path))
        .map((path) => ({
            path: formatPath([regionsName(source), ...path]),
            reason: "must be encrypted: it stands in the stack's file as plain text",
            fix: setCommand(path, { raw, source }),
        }));
}

/** Where the configuration holds a secret. */
function secretPaths(value: unknown, path: ConfigPath = [], raw = value): ConfigPath[] {
    if (fieldAt(path, raw)?.secret === true) {
        return [path];
    }
    if (typeof value !== "object" || value === null) {
        return [];
    }
    return Object.entries(value).flatMap(([key, child]) => {
        const step = Array.isArray(value) ? Number(key) : key;
        return secretPaths(child, [...path, step], raw);
    });
}

/**
 * Where nobody has chosen, and there is a key of another choice than the usual one, what that one lacks is not asked for.
 */
function notOfAnother(issues: readonly z.core.$ZodIssue[], raw: unknown) {
    const another = issues
        .filter(({ code, path }) => {
            const choice = code === "unrecognized_keys" ? choiceAt(stepsOf(path), raw) : undefined;
            return (
                choice !== undefined &&
                valueAt(raw, [...stepsOf(path), choice.chooser]) === undefined
            );
        })
        .map(({ path }) => formatPath(stepsOf(path)));
    return ({ code, path }: z.core.$ZodIssue) =>
        code === "unrecognized_keys" ||
        valueAt(raw, stepsOf(path)) !== undefined ||
        !another.includes(formatPath(stepsOf(path.slice(0, -1))));
}

const stepsOf = (path: readonly PropertyKey[]): ConfigPath =>
    path.filter((step) => typeof step !== "symbol");

function issueProblems(issue: z.core.$ZodIssue, raw: unknown, source: ConfigSource): Problem[] {
    const path = stepsOf(issue.path);
    if (issue.code === "unrecognized_keys") {
        return issue.keys.map((key) => unknownKey([...path, key], raw, source));
    }
    const choice = choiceAt(path, raw);
    const isMissing = (valueAt(raw, path) ?? undefined) === undefined;
    return choice === undefined || isMissing
        ? [wrongValue(path, { raw, source })]
        : [notAnObject(path, choice, { raw, source })];
}

function wrongValue(path: ConfigPath, { raw, source }: FixContext): Problem {
    const about = fieldAt(path, raw);
    const value = valueAt(raw, path);
    const isSecret = about?.secret === true && value !== undefined;
    const found = isSecret
        ? "[secret]"
        : isContainer(path, raw)
          ? showShape(value)
          : showValue(value);
    return {
        path: formatPath([regionsName(source), ...path]),
        reason: `must be ${about?.expected ?? "an object"}: got ${found}`,
        fix: setCommand(path, { raw, source }),
    };
}

/** A text in place of a list or an object may be a secret that belongs into it. */
function showShape(value: unknown): string {
    return typeof value === "string" ? "text" : showValue(value);
}

/** Where a key chooses among the others, what was chosen stands in its place. */
function notAnObject(path: ConfigPath, { chooser, values }: Choice, context: FixContext): Problem {
    const { raw, source } = context;
    const value = valueAt(raw, path);
    const better = typeof value === "string" && values.includes(value) ? value : undefined;
    const set = setCommand([...path, chooser], { ...context, better });
    return {
        path: formatPath([regionsName(source), ...path]),
        reason:
            `must be an object whose ${chooser} is ${fieldAt(path, raw)?.expected ?? values.join(" or ")}: ` +
            `got ${better ?? showShape(value)}`,
        fix: `${removeCommand(path, source)} && ${set}`,
    };
}

function unknownKey(path: ConfigPath, raw: unknown, source: ConfigSource): Problem {
    const [parent, key] = [path.slice(0, -1), String(path.at(-1))];
    const others = choiceAt(parent, raw)?.having(key) ?? [];
    const name = formatPath([regionsName(source), ...path]);
    return others.length === 0
        ? { path: name, ...noSuchKey(path, { raw, source }) }
        : { path: name, ...keyOfOthers(path, others, { raw, source }) };
}

function noSuchKey(path: ConfigPath, { raw, source }: FixContext): Omit<Problem, "path"> {
    const meant = similarKey(path, raw);
    const [reason, fix] = ["must be left out: no such key", removeCommand(path, source)];
    if (meant === undefined) {
        return { reason: `${reason}, see docs/configuration.md`, fix };
    }
    const right = [...path.slice(0, -1), meant];
    const value = valueAt(raw, path);
    const keepsValue = fieldAt(right, raw)?.secret !== true && isPlainWord(value);
    return {
        reason: `${reason}. Did you mean ${meant}?`,
        fix: keepsValue
            ? `${fix} && ${setCommand(right, { raw, source, better: String(value) })}`
            : `rename it to ${meant} in Pulumi.${source.stack}.yaml`,
    };
}

/** What a shell takes as one word, and Pulumi as the same value. */
function isPlainWord(value: unknown): boolean {
    return (
        Number.isInteger(value) ||
        typeof value === "boolean" ||
        (typeof value === "string" && /^\w[\w.:/-]*$/.test(value))
    );
}

/** A key that there is with another member of the union. */
function keyOfOthers(
    path: ConfigPath,
    others: readonly string[],
    { raw, source }: FixContext,
): Omit<Problem, "path"> {
    const parent = path.slice(0, -1);
    const chooser = choiceAt(parent, raw)?.chooser ?? "";
    const chosen = valueAt(raw, [...parent, chooser]);
    const where = typeof chosen === "string" ? `with ${chooser} ${chosen}` : `without ${chooser}`;
    const remove = removeCommand(path, source);
    const choose = setCommand([...parent, chooser], { raw, source, better: others[0] });
    return {
        reason: `must be left out ${where}: it is for ${chooser} ${others.join(" or ")} only`,
        ...(chosen === undefined ? { fix: choose, or: remove } : { fix: remove, or: choose }),
        // Nobody moves a relay to another cloud for a key of that cloud.
        ...(chooser === "driver" && { fix: remove, or: undefined }),
    };
}

function regionsName({ key }: CommandSource): string {
    return key.slice(key.indexOf(":") + 1);
}
