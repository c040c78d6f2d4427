/**
 * Speaks the protocol of plugins for a cloud.
 *
 * The SDK's own server (`@pulumi/pulumi/provider`, 3.248) hands neither the configuration nor
 * previews to a provider and cannot tell which properties differ. Bridged providers do all three.
 *
 * @see https://github.com/pulumi/pulumi/blob/v3.259.0/proto/pulumi/provider.proto
 */
import { isDeepStrictEqual } from "node:util";

import * as grpc from "@grpc/grpc-js";
import { PluginInfo } from "@pulumi/pulumi/proto/plugin_pb";
import {
    type IResourceProviderServer,
    ResourceProviderService,
} from "@pulumi/pulumi/proto/provider_grpc_pb";
import * as messages from "@pulumi/pulumi/proto/provider_pb";
import { Empty } from "google-protobuf/google/protobuf/empty_pb";
import { type JavaScriptValue, Struct } from "google-protobuf/google/protobuf/struct_pb";

import { ENGINES_OWN } from "./check-config";
import { diffResponse } from "./diff-response";
import { PartialError } from "./errors";
import type { CloudProvider } from "./provider";
import type { ObjectState } from "./task";
import { partialFailure } from "./server-errors";
import type { Properties } from "./types";
import { plain, without } from "./values";

type Call<T> = grpc.ServerUnaryCall<T, unknown>;
type Answer<T> = grpc.sendUnaryData<T>;

function fromWire(struct: Struct | undefined): Properties {
    return plain(struct?.toJavaScript() ?? {}) as Properties;
}

function toWire(properties: Properties): Struct {
    return Struct.fromJavaScript(properties as Record<string, JavaScriptValue>);
}

/** Makes a handler of a function that may throw. */
function handler<Request, Response>(
    handle: (request: Request) => Promise<Response> | Response,
): (call: Call<Request>, answer: Answer<Response>) => void {
    return (call, answer) => {
        Promise.resolve(call.request)
            .then(handle)
            .then(
                (response) => {
                    answer(null, response);
                },
                (error: unknown) => {
                    answer(toStatus(error));
                },
            );
    };
}

function toStatus(error: unknown): Partial<grpc.StatusObject> {
    return error instanceof PartialError
        ? partialFailure(error, toWire(error.outputs), toWire(error.inputs))
        : {
              code: grpc.status.UNKNOWN,
              details: error instanceof Error ? error.message : String(error),
          };
}

function failure(reason: string): messages.CheckFailure {
    // The bridges put the place into the text.
    const message = new messages.CheckFailure();
    message.setReason(reason);
    return message;
}

function versions(
    request: messages.DiffRequest | messages.UpdateRequest,
): Record<"olds" | "oldInputs" | "news", Properties> {
    return {
        olds: fromWire(request.getOlds()),
        oldInputs: fromWire(request.getOldInputs()),
        news: fromWire(request.getNews()),
    };
}

/** What concerns the plugin and its configuration. */
function pluginHandlers(provider: CloudProvider): Partial<IResourceProviderServer> {
    const { cloud } = provider;
    return {
        getPluginInfo: handler(() => {
            const info = new PluginInfo();
            info.setVersion(cloud.version);
            return info;
        }),
        attach: handler(() => new Empty()),
        cancel: handler(() => new Empty()),
        parameterize: handler((request: messages.ParameterizeRequest) => {
            const value = request.getValue();
            const text = Buffer.from(value?.getValue_asU8() ?? []).toString("utf8");
            const { name, version } = parameterized(provider, request, text);
            const response = new messages.ParameterizeResponse();
            response.setName(name);
            response.setVersion(version);
            return response;
        }),
        checkConfig: handler((request: messages.CheckRequest) => {
            const failures = provider.checkConfig(fromWire(request.getNews()), request.getUrn());
            const response = new messages.CheckResponse();
            // As it came, for what is secret has to stay secret.
            response.setInputs(request.getNews());
            response.setFailuresList(failures.map(failure));
            return response;
        }),
        diffConfig: handler((request: messages.DiffRequest) => {
            const own = (struct: Struct | undefined): Properties =>
                without(fromWire(struct), ...ENGINES_OWN);
            const isSame = isDeepStrictEqual(own(request.getOlds()), own(request.getNews()));
            const response = new messages.DiffResponse();
            const { DIFF_NONE, DIFF_SOME } = messages.DiffResponse.DiffChanges;
            response.setChanges(isSame ? DIFF_NONE : DIFF_SOME);
            return response;
        }),
        configure: handler((request: messages.ConfigureRequest) => {
            provider.configure(fromWire(request.getArgs()));
            const response = new messages.ConfigureResponse();
            // The engine then takes the wrappers off, and puts them back on outputs by itself.
            response.setAcceptsecrets(false);
            response.setSupportspreview(true);
            return response;
        }),
        invoke: handler(async (request: messages.InvokeRequest) => {
            const outputs = await provider.invoke(request.getTok(), fromWire(request.getArgs()));
            const response = new messages.InvokeResponse();
            response.setReturn(toWire(outputs));
            return response;
        }),
    };
}

function parameterized(
    { cloud }: CloudProvider,
    request: messages.ParameterizeRequest,
    value: string,
): { name: string; version: string } {
    const result = request.hasArgs()
        ? cloud.parameterizeArgs?.(request.getArgs()?.getArgsList() ?? [])
        : cloud.parameterize?.(value);
    if (result === undefined) {
        throw new Error(`the provider ${cloud.name} serves no other package`);
    }
    return result;
}

/** What concerns resources. */
function resourceHandlers(provider: CloudProvider): Partial<IResourceProviderServer> {
    return {
        check: handler((request: messages.CheckRequest) => {
            const { inputs, failures } = provider.check({
                urn: request.getUrn(),
                olds: fromWire(request.getOlds()),
                news: fromWire(request.getNews()),
                seed: request.getRandomseed_asU8(),
            });
            const response = new messages.CheckResponse();
            response.setInputs(toWire(inputs));
            response.setFailuresList(failures.map(failure));
            return response;
        }),
        diff: handler((request: messages.DiffRequest) =>
            diffResponse(
                provider.diff(request.getUrn(), {
                    ...versions(request),
                    ignored: request.getIgnorechangesList(),
                }),
            ),
        ),
        create: handler(async (request: messages.CreateRequest) => {
            const urn = request.getUrn();
            const inputs = fromWire(request.getProperties());
            const state: Omit<ObjectState, "inputs"> = request.getPreview()
                ? { id: "", outputs: provider.previewCreate(urn, inputs) }
                : await provider.create(urn, inputs);
            const response = new messages.CreateResponse();
            response.setId(state.id);
            response.setProperties(toWire(state.outputs));
            return response;
        }),
        update: handler(async (request: messages.UpdateRequest) => {
            const { olds, oldInputs, news } = versions(request);
            const outputs = request.getPreview()
                ? provider.previewUpdate(olds, news)
                : (
                      await provider.update(request.getUrn(), request.getId(), {
                          ...{ olds, oldInputs, news },
                      })
                  ).outputs;
            const response = new messages.UpdateResponse();
            response.setProperties(toWire(outputs));
            return response;
        }),
        delete: handler(async (request: messages.DeleteRequest) => {
            await provider.delete(request.getUrn(), request.getId());
            return new Empty();
        }),
        read: handler(async (request: messages.ReadRequest) => {
            const state = await provider.read(request.getUrn(), request.getId());
            const response = new messages.ReadResponse();
            if (state !== undefined) {
                response.setId(state.id);
                response.setProperties(toWire(state.outputs));
                response.setInputs(toWire(state.inputs));
            }
            return response;
        }),
    };
}

/** Serves a provider until the engine ends the process; prints the port, as the engine expects. */
export async function serve(provider: CloudProvider): Promise<void> {
    const server = new grpc.Server({ "grpc.max_receive_message_length": 400 * 1024 * 1024 });
    server.addService(ResourceProviderService, {
        ...pluginHandlers(provider),
        ...resourceHandlers(provider),
    } as unknown as grpc.UntypedServiceImplementation);
    const port = await new Promise<number>((resolve, reject) => {
        const credentials = grpc.ServerCredentials.createInsecure();
        server.bindAsync("127.0.0.1:0", credentials, (error, bound) => {
            if (error === null) resolve(bound);
            else reject(error);
        });
    });
    process.stdout.write(`${String(port)}\n`);
}
