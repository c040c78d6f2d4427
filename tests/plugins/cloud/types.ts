/** Properties of a resource, without wrappers; what is not known yet is `UNKNOWN`. */
export type Properties = Readonly<Record<string, unknown>>;

/** What can be done with an object, or asked of a cloud. */
export type OperationName = "create" | "update" | "delete" | "read" | "invoke";

/** An object that exists in a cloud. */
export interface CloudObject {
    /** Token of its resource, such as `alicloud:vpc/network:Network`. */
    readonly type: string;
    readonly id: string;
    /** Access key that it was made with. */
    readonly account: string;
    /** Region of the provider that made it; empty for what has none, such as DNS records. */
    readonly region: string;
    /** Position in the order of creation, over all objects of the cloud. */
    readonly sequence: number;
    /** What it was made or changed with. */
    inputs: Properties;
    /** What the cloud chose: addresses, zones, how often it was installed. */
    facts: Properties;
}

/** Something that a cloud was asked to do. */
export interface Operation {
    readonly cloud: string;
    readonly operation: OperationName;
    readonly type: string;
    readonly id?: string;
    readonly account: string;
    readonly region: string;
    /** Names of the arguments that an update changed. */
    readonly changed?: readonly string[];
    /** Code of the error that it ended with. */
    readonly error?: string;
}

/** A fault that waits for an operation. */
export interface Fault {
    /** Token of a resource or function, or its last part, such as `EipAddress`. */
    readonly type: string;
    readonly operation: OperationName;
    /** Of a resource that is created its name, otherwise its id; any, when not given. */
    readonly subject?: string;
    /** Code of the error, as the cloud names it. */
    readonly error: string;
    /** Text of the error. */
    readonly message?: string;
    /** How often it happens; always, when not given. */
    readonly times?: number;
    /**
     * The operation took effect all the same:
     *
     * - `true`: the cloud's answer came, then waiting for the object ran into its limit; the plugin
     *   knows the id.
     * - `lost`: the cloud's answer never came; nobody knows the id.
     * - `crash`: engine and plugin are killed before the plugin can answer.
     */
    readonly afterEffect?: boolean | "lost" | "crash";
}

/** Whether a token is meant by itself or by its last part. */
export function isOfType(token: string, type: string): boolean {
    return token === type || token.endsWith(`:${type}`);
}
