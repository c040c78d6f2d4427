import { z } from "zod";

import { type Field, fieldOf, unwrap } from "./field";
import { regionsSchema } from "./schema";
import { chooserOf } from "./schema-path";

/** A configuration key with all that is said of it. */
export interface DescribedKey extends Field {
    /** Path as in messages, with `[]` for every position of a list: `regions[].ports.derp`. */
    readonly path: string;
    /** What chooses it, when it is a key of a union's member: `driver: alicloud`. */
    readonly when?: string;
    /** Key of the object that chooses among the others, as `mode`: what is said of the object is said of it. */
    readonly chooser?: string;
    /** Whether a region must have it. */
    readonly required: boolean;
}

/**
 * Lists every configuration key in the order of the schema.
 *
 * @returns The keys; what the documentation page is made of.
 */
export function describeKeys(): readonly DescribedKey[] {
    return describe("regions", regionsSchema);
}

/**
 * Makes the JSON Schema of `Pulumi.<stack>.yaml` for editors.
 *
 * @param namespace Name of the project, which prefixes its keys.
 * @returns The schema, as draft 2020-12.
 */
export function stackFileSchema(namespace: string): object {
    const regions = z.toJSONSchema(regionsSchema, { io: "input", override: addField });
    const { $schema, ...list } = regions;
    return {
        $schema,
        title: "Stack configuration of derp-relay",
        type: "object",
        properties: {
            config: { type: "object", properties: { [`${namespace}:regions`]: list } },
        },
    };
}

function addField(context: {
    zodSchema: z.core.$ZodTypes;
    jsonSchema: z.core.JSONSchema.BaseSchema;
}): void {
    if (context.zodSchema instanceof z.ZodPrefault) {
        // Stands in for nothing, and need not be right by itself.
        delete context.jsonSchema.default;
    }
    const about = fieldOf(context.zodSchema);
    if (about === undefined) {
        return;
    }
    context.jsonSchema.description = about.description;
    if (about.secret === true) {
        // Pulumi writes an encrypted value as an object.
        delete context.jsonSchema.type;
        delete context.jsonSchema.pattern;
        context.jsonSchema.anyOf = [
            {
                type: "object",
                properties: { secure: { type: "string" } },
                required: ["secure"],
                additionalProperties: false,
            },
        ];
    }
}

function describe(path: string, schema: z.core.$ZodType, when?: string): DescribedKey[] {
    const about = fieldOf(schema);
    const required = about?.default === undefined && !isOptional(schema);
    const chooser = choosersName(unwrap(schema));
    const key = { path, required, ...(when && { when }), ...(chooser && { chooser }) };
    const own = about === undefined ? [] : [{ ...key, ...about }];
    return [...own, ...children(path, unwrap(schema), when)];
}

function choosersName(schema: z.core.$ZodType): string | undefined {
    return schema instanceof z.ZodDiscriminatedUnion ? schema._zod.def.discriminator : undefined;
}

function children(path: string, schema: z.core.$ZodType, when?: string): DescribedKey[] {
    if (schema instanceof z.ZodArray) {
        return schema.element instanceof z.ZodObject ? describe(`${path}[]`, schema.element) : [];
    }
    if (schema instanceof z.ZodObject) {
        const shape: Readonly<Record<string, z.core.$ZodType>> = schema.shape;
        return Object.entries(shape).flatMap(([key, child]) =>
            describe(`${path}.${key}`, child, when),
        );
    }
    if (schema instanceof z.ZodDiscriminatedUnion) {
        const { discriminator } = schema._zod.def;
        return schema.options.flatMap((option) =>
            children(path, option, `${discriminator}: ${chooserOf(schema, option)}`),
        );
    }
    return [];
}

function isOptional(schema: z.core.$ZodType): boolean {
    return schema instanceof z.ZodOptional || schema instanceof z.ZodPrefault;
}
