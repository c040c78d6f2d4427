import type { EngineEvent } from "@pulumi/pulumi/automation";

/** What of the engine's operations is worth a line, in words: before and after. */
const WORDS: Readonly<Record<string, readonly [string, string]>> = {
    create: ["creating", "created"],
    update: ["changing", "changed"],
    delete: ["deleting", "deleted"],
    "create-replacement": ["creating", "created"],
    "delete-replaced": ["deleting", "deleted"],
};
/** Colours in the engine's texts, such as `<{%reset%}>`. */
const COLOUR = /<\{%.*?%\}>/g;

/**
 * Shows on standard output what the engine does. For `onEvent` of the Automation API.
 *
 * @param event What the engine reports.
 */
export function follow(event: EngineEvent): void {
    for (const line of linesOf(event)) {
        process.stdout.write(`${line}\n`);
    }
}

/**
 * Turns the engine's events into lines for a person: what is done to which resource, what the
 * resources say meanwhile, and what came out.
 *
 * @param event What the engine reports.
 * @returns Lines without a newline; none for what nobody needs to know.
 */
export function linesOf(event: EngineEvent): readonly string[] {
    const { resourcePreEvent, resOutputsEvent, resOpFailedEvent, diagnosticEvent, summaryEvent } =
        event;
    if (diagnosticEvent !== undefined) {
        return diagnosticEvent.ephemeral === true ? [] : diagnosticLines(diagnosticEvent);
    }
    if (summaryEvent !== undefined) {
        return [summary(summaryEvent.resourceChanges)];
    }
    if (resourcePreEvent !== undefined) {
        const { op, type, urn, detailedDiff } = resourcePreEvent.metadata;
        const keys = Object.keys(detailedDiff ?? {}).join(", ");
        return operation(op, 0, { type, urn }, keys === "" ? "" : ` (${keys})`);
    }
    if (resOutputsEvent !== undefined) {
        const { op, type, urn } = resOutputsEvent.metadata;
        return operation(op, 1, { type, urn });
    }
    if (resOpFailedEvent !== undefined) {
        const { type, urn } = resOpFailedEvent.metadata;
        return [`failed ${nameOf({ type, urn })}`];
    }
    return [];
}

interface Resource {
    readonly type: string;
    readonly urn: string;
}

function operation(op: string, phase: 0 | 1, resource: Resource, tail = ""): string[] {
    const words = WORDS[op];
    // The stack and the component are made of the resources below them.
    const isMachinery = resource.type.startsWith("pulumi:") || resource.type.startsWith("derp:");
    return words === undefined || isMachinery ? [] : [`${words[phase]} ${nameOf(resource)}${tail}`];
}

function nameOf({ type, urn }: Resource): string {
    return `${type.split(/[:/]/).at(-1) ?? type} ${urn.split("::").at(-1) ?? urn}`;
}

function diagnosticLines({ severity, message }: { severity: string; message: string }): string[] {
    const text = message.replaceAll(COLOUR, "").trimEnd();
    // That an update failed is told by the reasons above it.
    if (text === "" || text === "update failed") {
        return [];
    }
    const mark = severity === "error" || severity === "warning" ? `${severity}: ` : "  ";
    return text.split("\n").map((line, index) => (index === 0 ? `${mark}${line}` : `    ${line}`));
}

function summary(changes: Readonly<Record<string, number>>): string {
    const parts = Object.entries(changes)
        .filter(([, count]) => count > 0)
        .map(
            ([op, count]) =>
                `${String(count)} ${op === "same" ? "unchanged" : (WORDS[op]?.[1] ?? op)}`,
        );
    return parts.length === 0 ? "nothing to do" : `resources: ${parts.join(", ")}`;
}
