import { argumentProblems, type Shape } from "./arguments";
import { toFailure } from "./check";
import type { Cloud } from "./kind";
import type { Properties } from "./types";
import { UNKNOWN, without } from "./values";

/** What the engine keeps beside a provider's configuration. */
export const ENGINES_OWN = ["version", "pluginDownloadURL", "__internal"];

/** What is wrong with the configuration of a provider. */
export function checkConfig(cloud: Cloud, inputs: Properties, name: string): readonly string[] {
    const shape = cloud.configurationArguments();
    const values = Object.entries(without(inputs, ...ENGINES_OWN)).map(
        ([key, value]) => [key, toValue(shape, key, value)] as const,
    );
    return argumentProblems(shape, Object.fromEntries(values)).map((problem) =>
        toFailure(problem, name),
    );
}

/** What is no text comes as JSON. */
function toValue(shape: Shape, name: string, value: unknown): unknown {
    if (typeof value !== "string" || value === UNKNOWN || shape[name]?.type === "string") {
        return value;
    }
    try {
        return JSON.parse(value) as unknown;
    } catch {
        return value;
    }
}
