import type { Properties } from "./types";

/** An answer of a cloud that is an error. */
export class CloudError extends Error {
    public readonly code: string;

    /** @param code Name of the error in the cloud's documentation. */
    public constructor(code: string, message: string) {
        super(message);
        this.code = code;
    }
}

/** The object exists and the engine has to remember it, but something about it went wrong. */
export class PartialError extends Error {
    public readonly id: string;
    public readonly outputs: Properties;
    public readonly inputs: Properties;

    public constructor(
        message: string,
        object: { id: string; outputs: Properties; inputs: Properties },
    ) {
        super(message);
        this.id = object.id;
        this.outputs = object.outputs;
        this.inputs = object.inputs;
    }
}

/** Refuses what the provider lets pass and the cloud does not: that arguments are missing. */
export function requireArguments(inputs: Properties, ...names: readonly string[]): void {
    const missing = names.filter((name) => inputs[name] === undefined);
    if (missing.length > 0) {
        const message = `The input parameters ${missing.join(", ")} are mandatory for processing this request.`;
        throw new CloudError("MissingParameter", message);
    }
}

/** Refuses for the first reason that holds. */
export function refuseIf(...reasons: readonly (readonly [boolean, string, string])[]): void {
    const [, code, message] = reasons.find(([holds]) => holds) ?? [];
    if (code !== undefined && message !== undefined) {
        throw new CloudError(code, message);
    }
}
