/**
 * Reads from the declarations of `@pulumi/alicloud` what its resources and functions take: they are
 * made from the provider's schema, which is on no registry.
 */
import { readFileSync } from "node:fs";
import { dirname, join } from "node:path";

import ts from "typescript";

import type { Argument, ArgumentType, Shape } from "../cloud/arguments";

const PACKAGE = dirname(require.resolve("@pulumi/alicloud/package.json"));
const WORDS: Readonly<Partial<Record<ts.SyntaxKind, ArgumentType>>> = {
    [ts.SyntaxKind.StringKeyword]: "string",
    [ts.SyntaxKind.NumberKeyword]: "number",
    [ts.SyntaxKind.BooleanKeyword]: "boolean",
};

const sources = new Map<string, ts.SourceFile>();
const shapes = new Map<string, Shape>();

/** What a resource (`alicloud:vpc/network:Network`) or function takes. */
export function argumentsOf(token: string): Shape {
    const [, module = "", name = ""] = token.split(":");
    const [folder = "", file = ""] = module.split("/");
    const path = folder === "index" ? file : module;
    const isFunction = name.startsWith("get");
    const type = isFunction ? name.replace("get", "Get") : name;
    return shapeOf(`${path}.d.ts`, [`${type}Args`]);
}

/** What the provider takes. */
export function configurationArguments(): Shape {
    return shapeOf("provider.d.ts", ["ProviderArgs"]);
}

/** Finds an interface by the names of the namespaces that it is in, and its own. */
function shapeOf(file: string, names: readonly string[]): Shape {
    const key = `${file}#${names.join(".")}`;
    const known = shapes.get(key);
    const shape = known ?? toShape(findInterface(sourceOf(file), names));
    shapes.set(key, shape);
    return shape;
}

function sourceOf(file: string): ts.SourceFile {
    const path = join(PACKAGE, file);
    const known = sources.get(path);
    const source =
        known ?? ts.createSourceFile(path, readFileSync(path, "utf8"), ts.ScriptTarget.Latest);
    sources.set(path, source);
    return source;
}

function findInterface(source: ts.SourceFile, names: readonly string[]): ts.InterfaceDeclaration {
    let statements: readonly ts.Statement[] = source.statements;
    for (const name of names.slice(0, -1)) {
        const blocks = statements.filter(ts.isModuleDeclaration);
        statements = blocks
            .filter((block) => block.name.text === name)
            .flatMap(({ body }) => (body && ts.isModuleBlock(body) ? [...body.statements] : []));
    }
    const found = statements
        .filter(ts.isInterfaceDeclaration)
        .find(({ name }) => name.text === names.at(-1));
    if (found === undefined) {
        throw new Error(`${source.fileName} declares no ${names.join(".")}`);
    }
    return found;
}

function toShape(declaration: ts.InterfaceDeclaration): Shape {
    const properties = declaration.members.filter(ts.isPropertySignature);
    return Object.fromEntries(
        properties.map((property) => [nameOf(property), toArgument(property)]),
    );
}

function nameOf({ name }: ts.PropertySignature): string {
    return ts.isIdentifier(name) || ts.isStringLiteral(name) ? name.text : "";
}

function toArgument({ type, questionToken }: ts.PropertySignature): Argument {
    return {
        type: type === undefined ? "any" : toType(type),
        required: questionToken === undefined,
    };
}

function toType(node: ts.TypeNode): ArgumentType {
    const word = WORDS[node.kind];
    if (word !== undefined) {
        return word;
    }
    if (ts.isUnionTypeNode(node)) {
        // Unions are only made with `undefined`, or of names of constants that are strings.
        const [first] = node.types;
        return first === undefined ? "any" : toType(first);
    }
    if (ts.isArrayTypeNode(node)) {
        return { list: toType(node.elementType) };
    }
    if (ts.isTypeLiteralNode(node)) {
        const [index] = node.members.filter(ts.isIndexSignatureDeclaration);
        return { map: index === undefined ? "any" : toType(index.type) };
    }
    return ts.isTypeReferenceNode(node) ? referenced(node) : "any";
}

/** `pulumi.Input<T>`, or `inputs.module.Name` of the file of types. */
function referenced({ typeName, typeArguments }: ts.TypeReferenceNode): ArgumentType {
    const [inner] = typeArguments ?? [];
    if (inner !== undefined) {
        return toType(inner);
    }
    const [namespace, ...names] = path(typeName);
    return namespace === "inputs" ? { object: () => shapeOf("types/input.d.ts", names) } : "any";
}

function path(name: ts.EntityName): string[] {
    return ts.isIdentifier(name) ? [name.text] : [...path(name.left), name.right.text];
}
