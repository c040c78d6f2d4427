import { readFileSync } from "node:fs";

import { Command, CommanderError, InvalidArgumentError, Option } from "commander";

import { parseDerpMap } from "../components/derp-map/parse";
import type { DerpMap } from "../components/derp-map/types";
import { formatMetrics } from "./doctor/format-metrics";
import { formatReport } from "./doctor/format-report";
import { type DoctorReport, runDoctor, targetsOf } from "./doctor/run-doctor";
import { exitWithReason } from "./exit-with-reason";
import { readDerpMap } from "./stack";
import { hasColours } from "./terminal";

interface DoctorOptions {
    readonly stack?: string;
    readonly derpMap?: string;
    readonly timeout: number;
    readonly json: boolean;
    readonly metrics: boolean;
}

/** Nothing could be checked, as opposed to something being bad. */
const CANNOT_RUN = 2;

new Command("doctor")
    .description("Looks at the relays of a stack from outside, as Tailscale's clients will.")
    .option("--stack <name>", "stack whose derpMap says what to look at, such as local")
    .option("--derp-map <file>", "file with a derpMap, instead of a stack; - reads standard input")
    .option("--timeout <seconds>", "limit of each check", parseSeconds, 5)
    .option("--json", "print the report as JSON and nothing else", false)
    .addOption(
        new Option("--metrics", "print what Prometheus reads and nothing else")
            .default(false)
            .conflicts("json"),
    )
    .addHelpText(
        "after",
        [
            "",
            "Exit codes: 0 all good, 1 something is bad, 2 nothing could be checked.",
            "",
            "Examples:",
            "  npm run doctor -- --stack local",
            "  npm run --silent doctor -- --stack prod --json | jq .ok",
        ].join("\n"),
    )
    .showHelpAfterError("npm hands over only what stands behind --: npm run doctor -- --stack NAME")
    .exitOverride()
    .action(doctor)
    .parseAsync()
    .catch((error: unknown) => {
        // Commander has printed what it had to say, be it help or a wrong option.
        if (!(error instanceof CommanderError)) {
            exitWithReason(error);
        }
        const harmless = error instanceof CommanderError && error.exitCode === 0;
        process.exitCode = harmless ? 0 : CANNOT_RUN;
    });

async function doctor(options: DoctorOptions): Promise<void> {
    const targets = targetsOf(await readMap(options));
    const report = await runDoctor(targets, { timeoutMs: options.timeout * 1000 });
    process.stdout.write(`${await format(report, options)}\n`);
    process.exitCode = report.ok ? 0 : 1;
}

async function format(report: DoctorReport, { json, metrics }: DoctorOptions): Promise<string> {
    if (metrics) {
        return (await formatMetrics(report)).trimEnd();
    }
    return json
        ? JSON.stringify(report, undefined, 2)
        : formatReport(report, hasColours(process.stdout));
}

async function readMap({ stack, derpMap }: DoctorOptions): Promise<DerpMap> {
    if ((stack === undefined) === (derpMap === undefined)) {
        throw new Error("one of --stack and --derp-map must be given, and only one: see --help");
    }
    if (stack !== undefined) {
        return readDerpMap(stack);
    }
    return parseDerpMap(readFileSync(derpMap === "-" ? 0 : (derpMap ?? ""), "utf8"));
}

function parseSeconds(text: string): number {
    const seconds = Number(text);
    if (!(seconds > 0 && seconds <= 60)) {
        throw new InvalidArgumentError("must be a number of seconds, more than 0 and at most 60.");
    }
    return seconds;
}
