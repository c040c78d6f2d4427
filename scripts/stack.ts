import {
    LocalWorkspace,
    PulumiCommand,
    type Stack,
    StackNotFoundError,
} from "@pulumi/pulumi/automation";

import type { DerpMap } from "../components/derp-map/types";
import { isLocalStack, localState } from "./local-stack/state";
import { PROJECT_FOLDER } from "./project";
import { ensurePulumi } from "./toolchain/ensure-pulumi";

/** The Pulumi CLI with the environment that a stack is used with. */
export interface PulumiTools {
    /** Command for the Automation API. */
    readonly command: PulumiCommand;
    /** Environment of the CLI and of the program. */
    readonly env: Record<string, string>;
}

/** Errors name commands that work as they stand, also where there is no other CLI. */
const WRAPPER = { DERP_RELAY_PULUMI: "npm run pulumi --" };

/**
 * Finds the Pulumi CLI and sets it up for the stacks that `npm start` makes: a file backend and a
 * passphrase of their own.
 *
 * @returns The CLI and its environment.
 */
export async function localPulumi(): Promise<PulumiTools> {
    const { root, env } = await ensurePulumi();
    const { backend, passphraseFile } = localState();
    // Pulumi prefers it to the file, even when it is empty; it is meant for the user's own stacks.
    delete process.env.PULUMI_CONFIG_PASSPHRASE;
    return {
        command: await PulumiCommand.get({ root, skipVersionCheck: true }),
        env: {
            ...env,
            PULUMI_BACKEND_URL: `file://${backend}`,
            PULUMI_CONFIG_PASSPHRASE_FILE: passphraseFile,
            // The engine would download the clouds' plugins, which these stacks do not use.
            PULUMI_DISABLE_AUTOMATIC_PLUGIN_ACQUISITION: "true",
            ...WRAPPER,
        },
    };
}

/**
 * Finds the Pulumi CLI as a stack needs it: with the state of `npm start` for one that it made, else
 * with the user's own login and stacks.
 *
 * @param name Name of the stack.
 * @returns The CLI and its environment.
 */
export function pulumiFor(name: string): Promise<PulumiTools> {
    return isLocalStack(name) ? localPulumi() : userPulumi();
}

/**
 * Opens a stack that exists: one that `npm start` made, else one of the user's own backend.
 *
 * @param name Name of the stack.
 * @returns The stack.
 * @throws {Error} If there is none, with the commands that make one.
 */
export async function openStack(name: string): Promise<Stack> {
    const { command, env } = await pulumiFor(name);
    const options = { workDir: PROJECT_FOLDER, pulumiCommand: command, envVars: env };
    const workspace = await LocalWorkspace.create(options);
    try {
        return await LocalWorkspace.selectStack(
            { stackName: name, workDir: PROJECT_FOLDER },
            options,
        );
    } catch (cause) {
        // No login, or no passphrase: what the CLI says of it is better than any guess.
        if (!(cause instanceof StackNotFoundError)) throw cause;
        const stacks = await workspace.listStacks().catch(() => []);
        const found = stacks.map((stack) => stack.name).join(", ") || "none";
        throw new Error(
            `stack ${name} must exist: found ${found}. ` +
                "npm start makes the local one; pulumi stack init makes others.",
            { cause },
        );
    }
}

/**
 * Reads the derpMap that a stack exports.
 *
 * @param name Name of the stack.
 * @returns The map.
 * @throws {Error} If the stack does not exist or exports none yet.
 */
export async function readDerpMap(name: string): Promise<DerpMap> {
    const stack = await openStack(name);
    const outputs = await stack.outputs();
    const map: unknown = outputs.derpMap?.value;
    if (map === undefined) {
        const up = isLocalStack(name) ? "npm start" : `pulumi up --stack ${name}`;
        throw new Error(
            `stack ${name} must export derpMap, which it does when its relays answer: run ${up}`,
        );
    }
    return map as DerpMap;
}

/** The user's own login and stacks: found where Pulumi always finds them. */
async function userPulumi(): Promise<PulumiTools> {
    const { root, env } = await ensurePulumi();
    const command = await PulumiCommand.get({ root, skipVersionCheck: true });
    const users = Object.entries(env).filter(([name]) => name !== "PULUMI_HOME");
    return { command, env: { ...Object.fromEntries(users), ...WRAPPER } };
}
