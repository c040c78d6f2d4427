import type { Argument, ArgumentType, Shape } from "../cloud/arguments";
import schema from "../../../sdks/tencentcloud.schema.json";

/** A type in the schema. */
interface SchemaType {
    readonly type?: string;
    readonly $ref?: string;
    readonly items?: SchemaType;
    readonly additionalProperties?: SchemaType;
}

/** Properties in the schema. */
interface SchemaObject {
    readonly properties?: Readonly<Record<string, SchemaType>>;
    readonly required?: readonly string[];
}

/** A resource or provider in the schema. */
interface SchemaResource {
    readonly inputProperties?: Readonly<Record<string, SchemaType>>;
    readonly requiredInputs?: readonly string[];
}

type Table<T> = Readonly<Record<string, T | undefined>>;

const RESOURCES = schema.resources as unknown as Table<SchemaResource>;
const FUNCTIONS = schema.functions as unknown as Table<{ readonly inputs?: SchemaObject }>;
const TYPES = schema.types as unknown as Table<SchemaObject>;
const REFERENCE = "#/types/";

/** What a resource or function takes. */
export function argumentsOf(token: string): Shape {
    const resource = RESOURCES[token];
    return resource === undefined
        ? toShape(FUNCTIONS[token]?.inputs ?? {})
        : toShape({
              properties: resource.inputProperties ?? {},
              required: resource.requiredInputs ?? [],
          });
}

/** What the provider takes. */
export function configurationArguments(): Shape {
    return toShape({
        properties: (schema.provider as unknown as SchemaResource).inputProperties ?? {},
    });
}

/** The parameter that the package was made with. */
export const PARAMETER: string = schema.parameterization.parameter;
/** Name and version of the package. */
export const PACKAGE = { name: schema.name, version: schema.version };

function toShape({ properties = {}, required = [] }: SchemaObject): Shape {
    return Object.fromEntries(
        Object.entries(properties).map(([name, type]): [string, Argument] => [
            name,
            { type: toType(type), required: required.includes(name) },
        ]),
    );
}

// eslint-disable-next-line complexity -- one case a kind of value, in order
function toType({ type, $ref, items, additionalProperties }: SchemaType): ArgumentType {
    if ($ref !== undefined) {
        return { object: () => toShape(TYPES[$ref.replace(REFERENCE, "")] ?? {}) };
    }
    if (type === "array") {
        return { list: items === undefined ? "any" : toType(items) };
    }
    if (type === "object") {
        return { map: additionalProperties === undefined ? "any" : toType(additionalProperties) };
    }
    return type === "string" || type === "number" || type === "boolean" ? type : "any";
}
