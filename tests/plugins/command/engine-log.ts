import * as grpc from "@grpc/grpc-js";
import { EngineClient } from "@pulumi/pulumi/proto/engine_grpc_pb";
import { LogRequest, LogSeverity } from "@pulumi/pulumi/proto/engine_pb";

/** What the provider tells the engine of a resource while it works. */
export interface Log {
    /** Shown while the resource is at work, and gone afterwards. */
    status(message: string): void;
    /** Stays in what the CLI prints at the end. */
    warning(message: string): void;
    /** Stays as well; the CLI counts it as an error. */
    error(message: string): void;
    /** Resolves when the engine has all. */
    flushed(): Promise<void>;
}

let client: EngineClient | undefined;

/**
 * Opens the engine's log. `@pulumi/pulumi/provider` keeps the engine's address to itself, but the
 * engine gives it to every plugin as an argument.
 *
 * @param urn The resource that the log is about.
 * @returns The log.
 */
export function engineLog(urn: string): Log {
    const address = process.argv.findLast((arg) => /^[^-]\S*:\d+$/.test(arg));
    if (address !== undefined) {
        client ??= new EngineClient(address, grpc.credentials.createInsecure());
    }
    let last = Promise.resolve();
    const send = (severity: LogRequest["getSeverity"] extends () => infer T ? T : never) => {
        const ephemeral = severity === LogSeverity.INFO;
        return (message: string): void => {
            const request = new LogRequest();
            request.setSeverity(severity);
            request.setMessage(message);
            request.setUrn(urn);
            request.setEphemeral(ephemeral);
            // One after the other: the engine shows them in the order in which they come.
            last = last.then(() => deliver(request));
        };
    };
    return {
        status: send(LogSeverity.INFO),
        warning: send(LogSeverity.WARNING),
        error: send(LogSeverity.ERROR),
        flushed: () => last,
    };
}

function deliver(request: LogRequest): Promise<void> {
    return new Promise((resolve) => {
        if (client === undefined) {
            resolve();
            return;
        }
        // An engine that is gone reads no log.
        client.log(request, () => {
            resolve();
        });
    });
}
