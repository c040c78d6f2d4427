import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";

import * as pulumi from "@pulumi/pulumi";
import { parse } from "yaml";

import { pulumiCommand } from "../pulumi-command";
import { type ConfigSource, parseRegions } from "./parse";
import { valueAt } from "./path";
import { configError } from "./problems";
import type { RegionSettings } from "./region-settings";

/**
 * Reads the stack's regions: the only place that reads the stack's configuration.
 *
 * The raw value is read without Pulumi's `Config` class, because that either hands out the whole
 * list as an output, so that nothing could be validated before resources exist, or warns about
 * the encrypted parts in it. Callers wrap secret parts with `pulumi.secret` before use.
 *
 * @returns The regions with defaults filled in.
 * @throws {Error} With every problem of the configuration at once.
 */
export function loadRegions(): readonly RegionSettings[] {
    const key = `${pulumi.getProject()}:regions`;
    const stack = pulumi.getStack();
    const command = pulumiCommand();
    return parseRegions(readJson(key, stack, command), {
        key,
        stack,
        otherKeys: Object.keys(pulumi.runtime.allConfig()).filter(
            (each) => each.startsWith(`${pulumi.getProject()}:`) && each !== key,
        ),
        isEncrypted: encryption(key, stack),
        now: new Date(),
        // eslint-disable-next-line n/no-process-env -- where the clouds' providers look, too
        env: process.env,
        pulumi: command,
    });
}

function readJson(key: string, stack: string, command: string): unknown {
    const text = pulumi.runtime.getConfig(key);
    if (text === undefined) {
        return undefined;
    }
    try {
        return JSON.parse(text) as unknown;
    } catch {
        throw configError(stack, [
            {
                path: "regions",
                reason: "must be a list of regions, as docs/configuration.md says: got text",
                fix: `${command} config rm --stack ${stack} ${key}`,
            },
        ]);
    }
}

/**
 * What the stack keeps encrypted. The engine says it of whole keys, of which one part is enough, and hands over the
 * rest in the clear as well; only the stack's file tells them apart, where it has its usual name.
 */
function encryption(key: string, stack: string): ConfigSource["isEncrypted"] {
    if (!secretKeys().includes(key)) {
        return () => false;
    }
    const file = join(process.cwd(), `Pulumi.${stack}.yaml`);
    const stored = existsSync(file)
        ? valueAt(parse(readFileSync(file, "utf8")), ["config", key])
        : undefined;
    return (path) => typeof valueAt(stored, path) !== "string";
}

/** Keys with encrypted parts, as the engine tells the program; the SDK has no public reader. */
function secretKeys(): readonly string[] {
    // eslint-disable-next-line n/no-process-env -- part of the protocol between engine and program
    const keys = process.env.PULUMI_CONFIG_SECRET_KEYS ?? "";
    return keys === "" ? [] : (JSON.parse(keys) as string[]);
}
