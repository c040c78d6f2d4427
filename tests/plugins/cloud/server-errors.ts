import * as grpc from "@grpc/grpc-js";
import { ErrorResourceInitFailed } from "@pulumi/pulumi/proto/provider_pb";
import { Status } from "@pulumi/pulumi/proto/status_pb";
import { Any } from "google-protobuf/google/protobuf/any_pb";
import type { Struct } from "google-protobuf/google/protobuf/struct_pb";

import type { PartialError } from "./errors";

/** The answer that makes the engine remember an object although it reports an error. */
export function partialFailure(
    error: PartialError,
    outputs: Struct,
    inputs: Struct,
): Partial<grpc.StatusObject> {
    const detail = new ErrorResourceInitFailed();
    detail.setId(error.id);
    detail.setProperties(outputs);
    detail.setInputs(inputs);
    detail.setReasonsList([error.message]);
    const packed = new Any();
    packed.pack(detail.serializeBinary(), "pulumirpc.ErrorResourceInitFailed");
    const status = new Status();
    status.setCode(grpc.status.UNKNOWN);
    status.setMessage(error.message);
    status.addDetails(packed);
    const metadata = new grpc.Metadata();
    // Where gRPC for Go looks for details; the library for Node.js has no name for it.
    metadata.add("grpc-status-details-bin", Buffer.from(status.serializeBinary()));
    return { code: grpc.status.UNKNOWN, details: error.message, metadata };
}
