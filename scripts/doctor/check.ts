import type { Probe, ProbeResult } from "../../components/probe/probe";

/** One thing that the doctor looks at. */
export interface Check {
    /** Name, and anchor of its section in `docs/doctor.md`. */
    readonly name: string;
    /** Checks that must be good first: a cause hides its consequences. */
    readonly needs: readonly string[];
    /** What to do when it is bad. */
    readonly advice: string;
    /** Whether it applies to a relay at all; to every one when absent. */
    readonly applies?: (node: Parameters<Probe>[0]) => boolean;
    /** Looks. */
    readonly run: Probe;
}

/** What came out of a check. */
export type Outcome =
    | {
          readonly check: string;
          readonly status: "good" | "warn";
          readonly detail: string;
          /** When what was found comes to its end, in ISO 8601. */
          readonly expires?: string;
      }
    | {
          readonly check: string;
          readonly status: "bad";
          readonly detail: string;
          readonly advice: string;
      }
    | {
          readonly check: string;
          readonly status: "skipped";
          /** The check that must be good first. */
          readonly because: string;
      }
    | {
          readonly check: string;
          readonly status: "skipped";
          /** Why this computer cannot look. */
          readonly detail: string;
      };

/**
 * Says what a probe's result means for a check.
 *
 * @param check The check.
 * @param result What its probe found.
 * @returns The outcome.
 */
export function toOutcome({ name, advice }: Check, result: ProbeResult): Outcome {
    if (!result.ok) {
        return { check: name, status: "bad", detail: result.reason, advice };
    }
    if (result.skipped === true) {
        return { check: name, status: "skipped", detail: result.detail };
    }
    return {
        check: name,
        status: result.warning === true ? "warn" : "good",
        detail: result.detail,
        ...(result.expires && { expires: result.expires.toISOString() }),
    };
}
