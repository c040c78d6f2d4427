import type { CheckFailure } from "@pulumi/pulumi/provider";

import {
    failuresOf,
    isAnything,
    isAtLeast,
    isBoolean,
    isListOf,
    isOneOf,
    isString,
    type Rule,
} from "../support/check";
import {
    isSecret,
    isUnknown,
    plain,
    plainProperties,
    type Properties,
    secret,
} from "../support/property-values";

/** How to reach a machine. */
export interface Connection {
    readonly host: string;
    readonly port: number;
    readonly user: string;
    readonly privateKey?: string;
    readonly hostKey?: string;
    readonly dialErrorLimit: number;
    readonly perDialTimeout: number;
}

/** Arguments of a command, with the defaults. */
export interface CommandArgs {
    readonly connection: Connection;
    readonly create?: string;
    readonly update?: string;
    readonly delete?: string;
    readonly stdin?: string;
    readonly environment?: Readonly<Record<string, string>>;
    readonly addPreviousOutputInEnv: boolean;
    readonly logging: string;
}

const CONNECTION_DEFAULTS = { user: "root", port: 22, dialErrorLimit: 10, perDialTimeout: 15 };

/** It is real, and tests that need it have to write it first. */
const isMissingHere: Rule = () => "is not implemented by this stand-in of the command provider";
const isPlainWord: Rule = (value) =>
    typeof value === "string" && /^[^\s"'%\\]+$/.test(value)
        ? undefined
        : `must be one word: got ${JSON.stringify(value)}`;
const isTextMap: Rule = (value) =>
    typeof value === "object" && Object.values(plain(value) as object).every(isTextOrUnknown)
        ? undefined
        : "must be a map of strings";

const SHAPE = {
    required: { connection: (value: unknown) => (isObject(value) ? undefined : "must be a map") },
    optional: {
        create: isString,
        update: isString,
        delete: isString,
        stdin: isString,
        environment: isTextMap,
        triggers: isListOf(isAnything),
        addPreviousOutputInEnv: isBoolean,
        logging: isOneOf(["stdout", "stderr", "stdoutAndStderr", "none"]),
    },
};
const CONNECTION_SHAPE = {
    required: { host: isPlainWord },
    optional: {
        user: isPlainWord,
        port: isAtLeast(1),
        privateKey: isString,
        hostKey: isString,
        dialErrorLimit: isAtLeast(-1),
        perDialTimeout: isAtLeast(0),
        password: isMissingHere,
        privateKeyPassword: isMissingHere,
        agentSocketPath: isMissingHere,
        proxy: isMissingHere,
    },
};

/** Names of all arguments. */
export const ARGUMENTS = [...Object.keys(SHAPE.required), ...Object.keys(SHAPE.optional)];

/** What is wrong with the arguments of a command. */
export function checkCommand(news: Properties): CheckFailure[] {
    const failures = failuresOf(news, SHAPE);
    const connection = plain(news.connection);
    return isObject(connection)
        ? [...failures, ...failuresOf(connection, CONNECTION_SHAPE, "connection.")]
        : failures;
}

/** Adds the defaults, which the real provider stores as if they had been given. */
export function withDefaults(news: Properties): Properties {
    const connection = plain(news.connection);
    if (!isObject(connection)) {
        return { addPreviousOutputInEnv: true, ...news };
    }
    // The key is a secret to the real provider, whatever the program says.
    const complete = secret({ ...CONNECTION_DEFAULTS, ...connection });
    return { addPreviousOutputInEnv: true, ...news, connection: complete };
}

/** Arguments without the wrappers of secrets. */
export function commandArgs(inputs: Properties): CommandArgs {
    const defaults = { addPreviousOutputInEnv: true, logging: "stdoutAndStderr" };
    return { ...defaults, ...plainProperties(inputs) } as unknown as CommandArgs;
}

/** Whether the output of a command is a secret: it may print what it was given. */
export function printsSecrets(inputs: Properties): boolean {
    return ARGUMENTS.some((name) => name !== "connection" && isSecret(inputs[name]));
}

function isObject(value: unknown): value is Properties {
    return typeof value === "object" && value !== null && !Array.isArray(value);
}

function isTextOrUnknown(value: unknown): boolean {
    return typeof value === "string" || isUnknown(value);
}
