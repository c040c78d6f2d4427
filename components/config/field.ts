import { z } from "zod";

/** What is said of a configuration key wherever it is spoken of: errors, documentation, editors. */
export interface Field {
    /** What the value means, with its unit. */
    readonly description: string;
    /** What is allowed, to follow "must be". */
    readonly expected: string;
    /**
     * A good value for the documentation: of a single value, as the command that fixes a bad one takes it, such as
     * `< key.txt`; of a list or an object, as a stack's file has it, in one line of YAML.
     */
    readonly example: string;
    /** What changing it does to a relay that runs. */
    readonly changing: string;
    /** Default in words, when there is one. */
    readonly default?: string;
    /** Whether the value must be encrypted and is never printed. */
    readonly secret?: boolean;
}

const registry = new WeakMap<z.core.$ZodType, Field>();

/**
 * Says what a key means. The last word given for a schema counts.
 *
 * @param schema The key's schema.
 * @param about What is said of it.
 * @returns The same schema.
 */
export function field<T extends z.ZodType>(schema: T, about: Field): T {
    registry.set(schema, about);
    return schema;
}

/**
 * Looks up what was said of a schema.
 *
 * @param schema A schema, perhaps wrapped as optional or with a default.
 * @returns The field, or undefined when nothing was said.
 */
export function fieldOf(schema: z.core.$ZodType): Field | undefined {
    return registry.get(schema) ?? (isWrapped(schema) ? fieldOf(unwrapOnce(schema)) : undefined);
}

/**
 * Takes the wrappers (`optional`, `default`, `prefault`) off a schema.
 *
 * @param schema Any schema.
 * @returns The schema inside.
 */
export function unwrap(schema: z.core.$ZodType): z.core.$ZodType {
    return isWrapped(schema) ? unwrap(unwrapOnce(schema)) : schema;
}

type Wrapper = z.ZodOptional | z.ZodDefault | z.ZodPrefault;

function isWrapped(schema: z.core.$ZodType): schema is Wrapper {
    return (
        schema instanceof z.ZodOptional ||
        schema instanceof z.ZodDefault ||
        schema instanceof z.ZodPrefault
    );
}

function unwrapOnce(schema: Wrapper): z.core.$ZodType {
    return schema.unwrap();
}
