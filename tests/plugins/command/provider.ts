/**
 * Stands in for the `command` plugin, which is downloaded from its vendor and on no registry
 * (2026-11). It runs commands over real SSH, with the host's own client.
 *
 * @see https://github.com/pulumi/pulumi-command/tree/master/provider/pkg/provider/remote
 */
import { randomBytes } from "node:crypto";

import { version } from "@pulumi/command/package.json";
import type * as provider from "@pulumi/pulumi/provider";

import {
    changed,
    plainProperties,
    type Properties,
    secret,
    typeOf,
} from "../support/property-values";
import { ARGUMENTS, checkCommand, commandArgs, printsSecrets, withDefaults } from "./command-args";
import { engineLog } from "./engine-log";
import { type Printed, runRemote } from "./session";

const TYPE = "command:remote:Command";
const NOTHING: Printed = { stdout: "", stderr: "" };

/** Makes the provider. */
export function createProvider(): provider.Provider {
    const cancelled = new AbortController();
    const run = (urn: string, command: string, inputs: Properties, previous = NOTHING) => {
        const surroundings = { previous, log: engineLog(urn), signal: cancelled.signal };
        return runRemote(command, commandArgs(inputs), surroundings);
    };
    return {
        version,
        check: async (urn, _olds: Properties, news: Properties) =>
            Promise.resolve({ inputs: withDefaults(news), failures: checked(urn, news) }),
        diff: async (_id, _urn, olds: Properties, news: Properties) => {
            const names = changed(ARGUMENTS, olds, news);
            const replaces = names.filter((name) => name === "triggers");
            return Promise.resolve({ changes: names.length > 0, replaces });
        },
        create: async (urn, inputs: Properties) => {
            const { create } = commandArgs(inputs);
            const printed = create === undefined ? NOTHING : await run(urn, create, inputs);
            const name = urn.split("::").at(-1) ?? "";
            return {
                id: `${name}${randomBytes(4).toString("hex")}`,
                outs: outputs(inputs, printed),
            };
        },
        read: async (id, _urn, props: Properties = {}) => Promise.resolve({ id, props }),
        update: async (_id, urn, olds: Properties, news: Properties) => {
            const args = commandArgs(news);
            const command = args.update ?? args.create;
            const previous = printedOf(olds);
            const printed =
                command === undefined ? previous : await run(urn, command, news, previous);
            return { outs: outputs(news, printed) };
        },
        delete: async (_id, urn, props: Properties) => {
            const command = commandArgs(props).delete;
            if (command !== undefined) {
                await run(urn, command, props, printedOf(props));
            }
        },
        cancel: async () => {
            cancelled.abort();
            return Promise.resolve();
        },
    };
}

function checked(urn: string, news: Properties): provider.CheckFailure[] {
    const type = typeOf(urn);
    if (type !== TYPE) {
        throw new Error(`this stand-in of the command provider has no resource ${type}`);
    }
    return checkCommand(news);
}

function outputs(inputs: Properties, { stdout, stderr }: Printed): Properties {
    return printsSecrets(inputs)
        ? { ...inputs, stdout: secret(stdout), stderr: secret(stderr) }
        : { ...inputs, stdout, stderr };
}

function printedOf(state: Properties): Printed {
    return { ...NOTHING, ...plainProperties({ stdout: state.stdout, stderr: state.stderr }) };
}
