import { z } from "zod";

import { type Field, fieldOf, unwrap } from "./field";
import { type ConfigPath, formatPath, showValue, valueAt } from "./path";
import { configError, type Problem } from "./problems";
import { checkRules } from "./rules";
import { type RegionSettings, settle } from "./region-settings";
import { type RegionConfig, regionsSchema } from "./schema";

/** Where the configuration comes from. */
export interface ConfigSource {
    /** Key of the list of regions with its namespace: `derp:regions`. */
    readonly key: string;
    /** Name of the stack, for messages and commands. */
    readonly stack: string;
    /** Whether the stack keeps at least one part of the key encrypted. */
    readonly encrypted: boolean;
    /** Time of the check, for certificates. */
    readonly now: Date;
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
        ? ruleProblems(parsed.data, source)
        : parsed.error.issues.flatMap((issue) => issueProblems(issue, raw, source));
    if (!parsed.success || problems.length > 0) {
        throw configError(source.stack, problems);
    }
    return parsed.data.map(settle);
}

function ruleProblems(regions: readonly RegionConfig[], source: ConfigSource): Problem[] {
    const broken = checkRules(regions, source.now).map(({ path, reason, better }) => ({
        path: formatPath([regionsName(source), ...path]),
        reason,
        fix: setCommand(path, source, better),
    }));
    return [...plainSecrets(regions, source), ...broken];
}

function plainSecrets(regions: readonly RegionConfig[], source: ConfigSource): Problem[] {
    if (source.encrypted) {
        return [];
    }
    return regions.map((_, index) => {
        const path = [index, "certificate", "privateKey"];
        return {
            path: formatPath([regionsName(source), ...path]),
            reason: "must be encrypted: it stands in the stack's file as plain text",
            fix: setCommand(path, source),
        };
    });
}

function issueProblems(issue: z.core.$ZodIssue, raw: unknown, source: ConfigSource): Problem[] {
    const path = issue.path.filter((step) => typeof step !== "symbol");
    if (issue.code === "unrecognized_keys") {
        return issue.keys.map((key) => unknownKey([...path, key], source));
    }
    const about = fieldAt(path);
    const value = valueAt(raw, path);
    const found = about?.secret === true && value !== undefined ? "[secret]" : showValue(value);
    return [
        {
            path: formatPath([regionsName(source), ...path]),
            reason: `must be ${about?.expected ?? "an object"}: got ${found}`,
            fix: setCommand(path, source),
        },
    ];
}

function unknownKey(path: ConfigPath, source: ConfigSource): Problem {
    return {
        path: formatPath([regionsName(source), ...path]),
        reason: "must be left out: no such key, see docs/configuration.md",
        fix: removeCommand(path, source),
    };
}

function setCommand(path: ConfigPath, source: ConfigSource, better?: string): string {
    if (path.length === 0) {
        return (
            `${pulumiOf(source)} config set --stack ${source.stack} --path '${source.key}[0].name' hangzhou, ` +
            "then the other keys of docs/configuration.md"
        );
    }
    if (isContainer(path)) {
        // A shell can only hand over text: take the value away, and set what is in it one by one.
        return removeCommand(path, source);
    }
    const about = fieldAt(path);
    const target = formatPath([source.key, ...settable(path)]);
    const secret = about?.secret === true ? "--secret " : "";
    const value = better ?? about?.example ?? "<value>";
    return `${pulumiOf(source)} config set --stack ${source.stack} ${secret}--path '${target}' ${value}`;
}

function removeCommand(path: ConfigPath, source: ConfigSource): string {
    const target = formatPath([source.key, ...path]);
    return `${pulumiOf(source)} config rm --stack ${source.stack} --path '${target}'`;
}

function isContainer(path: ConfigPath): boolean {
    const schema = schemaAt(path);
    const inner = schema === undefined ? undefined : unwrap(schema);
    return inner instanceof z.ZodArray || inner instanceof z.ZodObject;
}

/** A union is set through the key that chooses among its members. */
function settable(path: ConfigPath): ConfigPath {
    const schema = schemaAt(path);
    return schema instanceof z.ZodDiscriminatedUnion
        ? [...path, schema._zod.def.discriminator]
        : path;
}

function fieldAt(path: ConfigPath): Field | undefined {
    const schema = schemaAt(path);
    const own = schema === undefined ? undefined : fieldOf(schema);
    const parent = path.slice(0, -1);
    // The chooser of a union (`place.driver`) is described by the union.
    return (
        own ?? (schemaAt(parent) instanceof z.ZodDiscriminatedUnion ? fieldAt(parent) : undefined)
    );
}

function schemaAt(path: ConfigPath): z.core.$ZodType | undefined {
    return path.reduce<z.core.$ZodType | undefined>(
        (schema, step) => (schema === undefined ? undefined : childOf(unwrap(schema), step)),
        regionsSchema,
    );
}

function childOf(schema: z.core.$ZodType, step: string | number): z.core.$ZodType | undefined {
    if (schema instanceof z.ZodArray) {
        return schema.element;
    }
    if (schema instanceof z.ZodObject) {
        const shape: Readonly<Record<string, z.core.$ZodType>> = schema.shape;
        const child = shape[step];
        return child === undefined || fieldOf(child) !== undefined ? child : unwrap(child);
    }
    if (schema instanceof z.ZodDiscriminatedUnion) {
        return schema.options
            .map((option) => childOf(option, step))
            .find((child) => child !== undefined);
    }
    return undefined;
}

function pulumiOf({ pulumi = "pulumi" }: ConfigSource): string {
    return pulumi;
}

function regionsName({ key }: ConfigSource): string {
    return key.slice(key.indexOf(":") + 1);
}
