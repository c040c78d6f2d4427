/**
 * Pulumi's Node.js language host, as far as this project's program needs it.
 *
 * The vendor's own is part of every official installation and is used where there is one. Its Go
 * module is on no module proxy (2026-11), so a CLI that was built from source has none.
 *
 * @see https://github.com/pulumi/pulumi/blob/v3.259.0/proto/pulumi/language.proto
 */
import { type ChildProcess, spawn } from "node:child_process";

import * as grpc from "@grpc/grpc-js";
import {
    LanguageRuntimeService,
    type ILanguageRuntimeServer,
} from "@pulumi/pulumi/proto/language_grpc_pb";
import * as language from "@pulumi/pulumi/proto/language_pb";
import { PluginInfo } from "@pulumi/pulumi/proto/plugin_pb";
import { Empty } from "google-protobuf/google/protobuf/empty_pb";

import { exitWithEngine } from "../../components/dynamic/exit-with-engine";

/** The program has reported its errors itself: the engine has nothing to add. */
const BAIL_CODE = 32;
const RUNNER = require.resolve("@pulumi/pulumi/cmd/run");

let program: ChildProcess | undefined;
let engine = "";

type Answer<T> = grpc.sendUnaryData<T>;

const handlers: Partial<ILanguageRuntimeServer> = {
    handshake(call, answer: Answer<language.LanguageHandshakeResponse>) {
        engine = call.request.getEngineAddress();
        answer(null, new language.LanguageHandshakeResponse());
    },
    getPluginInfo(_call, answer: Answer<PluginInfo>) {
        answer(null, new PluginInfo());
    },
    getRequiredPackages(_call, answer: Answer<language.GetRequiredPackagesResponse>) {
        answer(null, new language.GetRequiredPackagesResponse());
    },
    getProgramDependencies(_call, answer: Answer<language.GetProgramDependenciesResponse>) {
        answer(null, new language.GetProgramDependenciesResponse());
    },
    about(_call, answer: Answer<language.AboutResponse>) {
        const about = new language.AboutResponse();
        about.setExecutable(process.execPath);
        about.setVersion(process.version);
        answer(null, about);
    },
    cancel(_call, answer: Answer<Empty>) {
        program?.kill("SIGTERM");
        answer(null, new Empty());
    },
    run(call, answer: Answer<language.RunResponse>) {
        runProgram(call.request).then(
            (response) => {
                answer(null, response);
            },
            (error: unknown) => {
                answer({ code: grpc.status.INTERNAL, details: String(error) });
            },
        );
    },
};

function runProgram(request: language.RunRequest): Promise<language.RunResponse> {
    const info = request.getInfo();
    const folder = info?.getProgramDirectory() ?? request.getPwd();
    program = spawn(
        process.execPath,
        [
            ...nodeArguments(info),
            RUNNER,
            ...runnerArguments(request),
            info?.getEntryPoint() ?? request.getProgram(),
        ],
        { cwd: folder, env: { ...process.env, ...programEnvironment(request) }, stdio: "inherit" },
    );
    const child = program;
    return new Promise((resolve, reject) => {
        child.once("error", reject);
        child.once("close", (code) => {
            resolve(toResponse(code));
        });
    });
}

/** `nodeargs` of `Pulumi.yaml`. The vendor's host reads it as a shell does; ours needs no quotes. */
function nodeArguments(info: language.ProgramInfo | undefined): string[] {
    const { nodeargs } = (info?.getOptions()?.toJavaScript() ?? {}) as { nodeargs?: string };
    return (nodeargs ?? "").split(" ").filter(Boolean);
}

function runnerArguments(request: language.RunRequest): string[] {
    const flags: Readonly<Record<string, string>> = {
        monitor: request.getMonitorAddress(),
        engine,
        project: request.getProject(),
        stack: request.getStack(),
        pwd: request.getPwd(),
        organization: request.getOrganization(),
        "root-directory": request.getInfo()?.getRootDirectory() ?? request.getPwd(),
        parallel: String(request.getParallel()),
    };
    const named = Object.entries(flags).flatMap(([name, value]) =>
        value === "" ? [] : [`--${name}`, value],
    );
    return request.getDryrun() ? [...named, "--dry-run"] : named;
}

function programEnvironment(request: language.RunRequest): Record<string, string> {
    const config = Object.fromEntries(request.getConfigMap().toObject(false));
    return {
        PULUMI_CONFIG: JSON.stringify(config),
        PULUMI_CONFIG_SECRET_KEYS: JSON.stringify(request.getConfigsecretkeysList()),
    };
}

function toResponse(code: number | null): language.RunResponse {
    const response = new language.RunResponse();
    if (code === BAIL_CODE) {
        response.setBail(true);
    } else if (code !== 0) {
        response.setError(`the program ended with exit code ${String(code)}`);
    }
    return response;
}

exitWithEngine();
const server = new grpc.Server();
server.addService(LanguageRuntimeService, handlers as ILanguageRuntimeServer);
server.bindAsync("127.0.0.1:0", grpc.ServerCredentials.createInsecure(), (error, port) => {
    if (error !== null) {
        throw error;
    }
    // The engine reads the port from the first line.
    process.stdout.write(`${String(port)}\n`);
});
for (const signal of ["SIGINT", "SIGTERM"] as const) {
    process.on(signal, () => {
        program?.kill(signal);
        server.forceShutdown();
    });
}
