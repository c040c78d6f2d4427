import type { DerpMap, DerpNode } from "../../components/derp-map/types";
import { type Check, type Outcome, toOutcome } from "./check";
import { CHECKS } from "./checks/index";

/** A relay to look at. */
export interface RelayTarget {
    /** Region that it belongs to. */
    readonly regionId: number;
    /** Code of the region. */
    readonly regionCode: string;
    /** The relay as clients see it. */
    readonly node: DerpNode;
}

/** What the doctor found out about one relay. */
export interface RelayReport extends RelayTarget {
    /** Every check that applies to it, in order. */
    readonly outcomes: readonly Outcome[];
}

/** What the doctor found out. */
export interface DoctorReport {
    /** Whether nothing is bad. */
    readonly ok: boolean;
    /** One report a relay. */
    readonly relays: readonly RelayReport[];
}

/**
 * Lists the relays of a map.
 *
 * @param map The map.
 * @returns Its relays.
 */
export function targetsOf(map: DerpMap): readonly RelayTarget[] {
    return Object.values(map.Regions).flatMap(({ RegionID, RegionCode, Nodes }) =>
        Nodes.map((node) => ({ regionId: RegionID, regionCode: RegionCode, node })),
    );
}

/**
 * Looks at relays from outside, all at once.
 *
 * @param targets The relays.
 * @param options How to look.
 * @param options.timeoutMs Limit of each check, in milliseconds.
 * @param options.checks Checks to run, each after those that it needs.
 * @returns What was found.
 */
export async function runDoctor(
    targets: readonly RelayTarget[],
    { timeoutMs = 5000, checks = CHECKS }: { timeoutMs?: number; checks?: readonly Check[] } = {},
): Promise<DoctorReport> {
    const relays = await Promise.all(
        targets.map(async (target) => ({
            ...target,
            outcomes: await examine(target.node, checks, timeoutMs),
        })),
    );
    const ok = relays.every(({ outcomes }) => outcomes.every(({ status }) => status !== "bad"));
    return { ok, relays };
}

async function examine(
    node: DerpNode,
    checks: readonly Check[],
    timeoutMs: number,
): Promise<readonly Outcome[]> {
    const outcomes: Outcome[] = [];
    const healthy = new Set<string>();
    for (const check of checks.filter(({ applies }) => applies?.(node) ?? true)) {
        const cause = check.needs.find((name) => !healthy.has(name));
        const outcome: Outcome =
            cause === undefined
                ? toOutcome(check, await check.run(node, timeoutMs))
                : { check: check.name, status: "skipped", because: cause };
        if (outcome.status === "good" || outcome.status === "warn") {
            healthy.add(check.name);
        }
        outcomes.push(outcome);
    }
    return outcomes;
}
