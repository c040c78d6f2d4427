import { createHash } from "node:crypto";

import { argumentProblems, type Problem } from "./arguments";
import type { Cloud, Kind } from "./kind";
import type { Properties } from "./types";
import { DEFAULTS, nameOfUrn } from "./values";

const SUFFIX_LENGTH = 7;

/** What is checked. */
export interface CheckSubject {
    readonly urn: string;
    readonly token: string;
    readonly olds: Properties;
    readonly news: Properties;
    readonly seed: Uint8Array;
}

/** Arguments as the provider goes on with them, and what is wrong with them. */
export interface Checked {
    readonly inputs: Properties;
    /** Ready to be read by people, each with the place that it is about. */
    readonly failures: readonly string[];
}

/** Fills in what the program left to the provider, and looks for mistakes. */
export function check(cloud: Cloud, kind: Kind, subject: CheckSubject): Checked {
    const filled = { ...kind.defaults, ...nameFor(kind, subject) };
    const missing = Object.entries(filled).filter(([name]) => subject.news[name] === undefined);
    const inputs = {
        ...subject.news,
        ...Object.fromEntries(missing),
        [DEFAULTS]: missing.map(([name]) => name).sort(),
    };
    const problems = argumentProblems(cloud.argumentsOf(subject.token), inputs);
    // Values of a wrong type or name would only cause further messages about the same thing.
    const all = problems.length > 0 ? problems : kind.rules.flatMap((rule) => rule(inputs));
    return { inputs, failures: all.map((problem) => toFailure(problem, nameOfUrn(subject.urn))) };
}

/** Writes a problem as the bridges do. */
export function toFailure({ path, reason }: Problem, name: string): string {
    return `${reason}. Examine values at '${name}.${path}'.`.replace("..", ".");
}

function nameFor(kind: Kind, { urn, olds, seed }: CheckSubject): Properties {
    if (kind.isNamed !== true) {
        return {};
    }
    const defaults = olds[DEFAULTS];
    if (Array.isArray(defaults) && defaults.includes("name")) {
        return { name: olds.name };
    }
    const suffix = createHash("sha256").update(seed).digest("hex").slice(0, SUFFIX_LENGTH);
    return { name: `${nameOfUrn(urn)}-${suffix}` };
}
