import * as pulumi from "@pulumi/pulumi";

/**
 * How the user calls the Pulumi CLI, in commands that fix a problem.
 *
 * @returns `pulumi`, or this project's wrapper where that is what runs.
 */
export function pulumiCommand(): string {
    // eslint-disable-next-line n/no-process-env -- set by this project's scripts
    return process.env.DERP_RELAY_PULUMI ?? "pulumi";
}

/**
 * Command that brings this stack up.
 *
 * @param options Further options, as they are typed.
 * @returns The command.
 */
export function upCommand(...options: readonly string[]): string {
    return [pulumiCommand(), "up", "--stack", pulumi.getStack(), ...options].join(" ");
}

/**
 * Command that makes resources of this stack anew.
 *
 * @param urns Which.
 * @returns The command.
 */
export function replaceCommand(...urns: readonly string[]): string {
    return upCommand(...urns.map((urn) => `--replace '${urn}'`));
}
