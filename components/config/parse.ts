import type { z } from "zod";

import { type ConfigPath, formatPath, showValue, valueAt } from "./path";
import { configError, type Problem } from "./problems";
import { checkRules, type RuleContext } from "./rules";
import { type RegionSettings, settle } from "./region-settings";
import { type RegionConfig, regionsSchema } from "./schema";
import {
    beginOfList,
    type Choice,
    choiceAt,
    fieldAt,
    isContainer,
    settablePath,
} from "./schema-path";

/** Where the configuration comes from. */
export interface ConfigSource extends RuleContext {
    /** Key of the list of regions with its namespace: `derp:regions`. */
    readonly key: string;
    /** Name of the stack, for messages and commands. */
    readonly stack: string;
    /** Whether the stack keeps at least one part of the key encrypted. */
    readonly encrypted: boolean;
    /** How the user calls the Pulumi CLI, in commands that fix a problem. */
    readonly pulumi?: string;
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
    const problems = parsed.success
        ? ruleProblems(parsed.data, raw, source)
        : parsed.error.issues.flatMap((issue) => issueProblems(issue, raw, source));
    if (!parsed.success || problems.length > 0) {
        throw configError(source.stack, problems);
    }
    return parsed.data.map(settle);
}

function ruleProblems(regions: readonly RegionConfig[], raw: unknown, source: ConfigSource) {
    const broken = checkRules(regions, source).map(({ path, reason, better, fix }) => ({
        path: formatPath([regionsName(source), ...path]),
        reason,
        fix: fix ?? setCommand(path, { raw, source, better }),
    }));
    return [...plainSecrets(raw, source), ...broken];
}

function plainSecrets(raw: unknown, source: ConfigSource): Problem[] {
    if (source.encrypted) {
        return [];
    }
    return secretPaths(raw).map((path) => ({
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

function issueProblems(issue: z.core.$ZodIssue, raw: unknown, source: ConfigSource): Problem[] {
    const path = issue.path.filter((step) => typeof step !== "symbol");
    if (issue.code === "unrecognized_keys") {
        return issue.keys.map((key) => unknownKey([...path, key], raw, source));
    }
    const choice = choiceAt(path, raw);
    const isMissing = (valueAt(raw, path) ?? undefined) === undefined;
    return choice === undefined || isMissing
        ? [wrongValue(path, { raw, source })]
        : [notAnObject(path, choice, { raw, source })];
}

function wrongValue(path: ConfigPath, { raw, source }: SetContext): Problem {
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
function notAnObject(path: ConfigPath, { chooser, values }: Choice, context: SetContext): Problem {
    const { raw, source } = context;
    const value = valueAt(raw, path);
    const better = typeof value === "string" && values.includes(value) ? value : undefined;
    const set = setCommand([...path, chooser], { ...context, better });
    return {
        path: formatPath([regionsName(source), ...path]),
        reason:
            `must be an object whose ${chooser} is ${fieldAt(path, raw)?.expected ?? values.join(" or ")}: ` +
            `got ${better ?? showShape(value)}`,
        fix: `${removeCommand(path, source)}, then ${set}`,
    };
}

function unknownKey(path: ConfigPath, raw: unknown, source: ConfigSource): Problem {
    const [parent, key] = [path.slice(0, -1), String(path.at(-1))];
    const choice = choiceAt(parent, raw);
    const others = choice?.having(key) ?? [];
    const name = formatPath([regionsName(source), ...path]);
    const fix = removeCommand(path, source);
    if (choice === undefined || others.length === 0) {
        return {
            path: name,
            reason: "must be left out: no such key, see docs/configuration.md",
            fix,
        };
    }
    const { chooser } = choice;
    const chosen = valueAt(raw, [...parent, chooser]);
    const choose = setCommand([...parent, chooser], { raw, source, better: others[0] });
    const where = typeof chosen === "string" ? `with ${chooser} ${chosen}` : `without ${chooser}`;
    return {
        path: name,
        reason: `must be left out ${where}: it is for ${chooser} ${others.join(" or ")} only`,
        // Nobody moves a relay to another cloud for a key of that cloud.
        fix: chooser === "driver" ? fix : `${fix}, or ${choose}`,
    };
}

interface SetContext {
    readonly raw: unknown;
    readonly source: ConfigSource;
    readonly better?: string | undefined;
}

function setCommand(path: ConfigPath, { raw, source, better }: SetContext): string {
    if (path.length === 0) {
        return (
            `${pulumiOf(source)} config set --stack ${source.stack} --path '${source.key}[0].name' hangzhou, ` +
            "then the other keys of docs/configuration.md"
        );
    }
    if (isContainer(path, raw)) {
        return containerCommand(path, { raw, source });
    }
    const about = fieldAt(path, raw);
    const target = formatPath([source.key, ...settablePath(path, raw)]);
    const secret = about?.secret === true ? "--secret " : "";
    const value = better ?? about?.example ?? "<value>";
    return `${pulumiOf(source)} config set --stack ${source.stack} ${secret}--path '${target}' ${value}`;
}

/** A shell can only hand over text: what is missing is begun, what is wrong is taken away. */
function containerCommand(path: ConfigPath, { raw, source }: SetContext): string {
    const begin = valueAt(raw, path) === undefined ? beginOfList(path, raw) : undefined;
    return begin === undefined ? removeCommand(path, source) : setCommand(begin, { raw, source });
}

function removeCommand(path: ConfigPath, source: ConfigSource): string {
    const target = formatPath([source.key, ...path]);
    return `${pulumiOf(source)} config rm --stack ${source.stack} --path '${target}'`;
}

function pulumiOf({ pulumi = "pulumi" }: ConfigSource): string {
    return pulumi;
}

function regionsName({ key }: ConfigSource): string {
    return key.slice(key.indexOf(":") + 1);
}
