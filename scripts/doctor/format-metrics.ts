import { Gauge, Registry } from "prom-client";

import type { DoctorReport } from "./run-doctor";

/**
 * Writes a report for Prometheus, in its text format.
 *
 * @param report The report.
 * @returns The text, with a newline at its end.
 */
export function formatMetrics({ relays }: DoctorReport): Promise<string> {
    const registry = new Registry();
    const gauge = <T extends string>(name: string, help: string, ...more: T[]) =>
        new Gauge({
            name: `derp_relay_${name}`,
            help,
            labelNames: ["region", "relay", ...more],
            registers: [registry],
        });
    const up = gauge("up", "Whether nothing is bad, seen from outside.");
    const checks = gauge(
        "check_up",
        "Whether a check is not bad; absent when it waits, or cannot be made from here.",
        "check",
    );
    const expiry = gauge(
        "certificate_expiry_timestamp_seconds",
        "When the certificate that the relay shows expires; absent when it is not the right one.",
    );
    for (const { regionCode, node, outcomes } of relays) {
        const labels = { region: regionCode, relay: node.HostName };
        up.set(labels, outcomes.some(({ status }) => status === "bad") ? 0 : 1);
        for (const outcome of outcomes) {
            if (outcome.status === "skipped") continue;
            checks.set({ ...labels, check: outcome.check }, outcome.status === "bad" ? 0 : 1);
            if (outcome.status !== "bad" && outcome.expires !== undefined) {
                expiry.set(labels, Math.floor(Date.parse(outcome.expires) / 1000));
            }
        }
    }
    return registry.metrics();
}
