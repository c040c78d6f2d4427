import type { DiagnosticEvent, EngineEvent } from "@pulumi/pulumi/automation";

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
    const { diagnosticEvent, summaryEvent, resOpFailedEvent } = event;
    if (diagnosticEvent !== undefined) {
        return diagnosticLines(diagnosticEvent);
    }
    if (summaryEvent !== undefined) {
        return [summary(summaryEvent.resourceChanges)];
    }
    if (resOpFailedEvent !== undefined) {
        return [`failed ${nameOf(resOpFailedEvent.metadata)}`];
    }
    return operationLines(event);
}

function operationLines({ resourcePreEvent, resOutputsEvent }: EngineEvent): string[] {
    if (resourcePreEvent !== undefined) {
        const { metadata } = resourcePreEvent;
        const keys = Object.keys(metadata.detailedDiff ?? {}).join(", ");
        return operation(metadata, 0, keys === "" ? "" : ` (${keys})`);
    }
    return resOutputsEvent === undefined ? [] : operation(resOutputsEvent.metadata, 1);
}

interface Resource {
    readonly type: string;
    readonly urn: string;
}

function operation({ op, ...resource }: Resource & { op: string }, phase: 0 | 1, tail = "") {
    const words = WORDS[op];
    // The stack and the component are made of the resources below them.
    const isMachinery = resource.type.startsWith("pulumi:") || resource.type.startsWith("derp:");
    return words === undefined || isMachinery ? [] : [`${words[phase]} ${nameOf(resource)}${tail}`];
}

function nameOf({ type, urn }: Resource): string {
    return `${type.split(/[:/]/).at(-1) ?? type} ${urn.split("::").at(-1) ?? urn}`;
}

function diagnosticLines({ severity, message, ephemeral }: DiagnosticEvent): string[] {
    const text = message.replaceAll(COLOUR, "").trimEnd();
    // That an update failed is told by the reasons above it.
    if (ephemeral === true || text === "" || text === "update failed") {
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
