import { createColors } from "picocolors";

import type { Outcome } from "./check";
import type { DoctorReport, RelayReport } from "./run-doctor";

const COLOURS = { good: "green", warn: "yellow", bad: "red", skipped: "yellow" } as const;
const MARKS = { good: "good", warn: "warn", bad: "bad ", skipped: "skip" } as const;
const NAME_WIDTH = 17;

/**
 * Writes a report for people: a line a check, and what to do below what is bad. Checks that were
 * skipped because of another one are counted, not listed.
 *
 * @param report The report.
 * @param colours Whether to colour the marks.
 * @returns The text, without a newline at its end.
 */
export function formatReport(report: DoctorReport, colours: boolean): string {
    const blocks = report.relays.map((relay) => formatRelay(relay, colours));
    const bad = report.relays.flatMap(({ outcomes }) => outcomes.filter(isBad)).length;
    const relays = `${String(report.relays.length)} ${report.relays.length === 1 ? "relay" : "relays"}`;
    const verdict = report.ok ? `${relays}: all good` : `${relays}: ${String(bad)} bad`;
    return [...blocks, verdict].join("\n\n");
}

function formatRelay(
    { regionId, regionCode, node, outcomes }: RelayReport,
    colours: boolean,
): string {
    const waiting = outcomes.filter(isWaiting).length;
    return [
        `region ${String(regionId)} (${regionCode}), relay ${node.HostName}`,
        ...outcomes.flatMap((outcome) => formatOutcome(outcome, colours)),
        ...(waiting === 0 ? [] : [`  ....  ${String(waiting)} more checks need what is bad above`]),
    ].join("\n");
}

function formatOutcome(outcome: Outcome, colours: boolean): string[] {
    if (isWaiting(outcome)) {
        return [];
    }
    const shown = createColors(colours)[COLOURS[outcome.status]](MARKS[outcome.status]);
    const line = `  ${shown}  ${outcome.check.padEnd(NAME_WIDTH)}${outcome.detail}`;
    return outcome.status === "bad"
        ? [
              line,
              `        what to do: ${outcome.advice}`,
              `        see docs/doctor.md#${outcome.check}`,
          ]
        : [line];
}

function isBad({ status }: Outcome): boolean {
    return status === "bad";
}

/** Whether a check was skipped because of another one. */
function isWaiting(outcome: Outcome): outcome is Extract<Outcome, { readonly because: string }> {
    return "because" in outcome;
}
