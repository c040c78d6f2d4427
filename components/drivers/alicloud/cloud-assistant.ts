import { Command } from "@pulumi/alicloud/ecs/command";
import { EcsInvocation } from "@pulumi/alicloud/ecs/ecsInvocation";
import * as pulumi from "@pulumi/pulumi";

import { renderCommand } from "../../cloud-init/payload";
import { type CloudMachine, FIRST_BOOT_SECONDS, INSTALLED_SECONDS } from "../cloud/cloud-machine";
import type { Machine, MachineRequest } from "../driver";

/** What the cloud takes of a command, in bytes after base64. */
const COMMAND_LIMIT = 18 * 1024;
/** How long a command may run, in seconds: a slow machine builds derper meanwhile. */
const COMMAND_SECONDS = 3600;

/**
 * Whether a payload is small enough for a command.
 *
 * @param sample One of the same size, packed, in base64; undefined when the size is not known.
 * @returns False also when it is not known.
 */
export function fitsCommand(sample: string | undefined): boolean {
    return sample !== undefined && toCommand(sample).length <= COMMAND_LIMIT;
}

/**
 * Applies the payload through Cloud Assistant, whose agent is in the cloud's public images: it needs no port, and no
 * address. A changed payload is applied in place.
 *
 * @param name Name of the resources.
 * @param machine The machine, which got its first payload by user data.
 * @param request What it is to run.
 * @param opts Passed to the resources, with the provider of the region.
 * @returns The machine; its id resolves when the payload is applied.
 */
export function applyByCommand(
    name: string,
    { instance, association, address }: Omit<CloudMachine, "keys">,
    { archive, check }: MachineRequest,
    opts: pulumi.CustomResourceOptions,
): Machine {
    // A machine that still boots would fail the command.
    const booted = check(
        `${name}.first`,
        { id: instance.id, address, limitSeconds: FIRST_BOOT_SECONDS },
        { ...(opts.parent && { parent: opts.parent }), dependsOn: [association] },
    );
    const command = new Command(
        name,
        {
            name: `derp-${name}`,
            type: "RunShellScript",
            commandContent: pulumi.secret(archive.apply(toCommand)),
            timeout: COMMAND_SECONDS,
        },
        opts,
    );
    const invocation = new EcsInvocation(
        name,
        { commandId: command.id, instanceIds: [instance.id] },
        {
            ...opts,
            dependsOn: [booted],
            customTimeouts: { create: `${String(COMMAND_SECONDS + 300)}s` },
            // To delete it means to stop it, which one that has ended refuses.
            retainOnDelete: true,
        },
    );
    const id = pulumi
        .all([instance.id, invocation.id, invocation.status, invocation.urn])
        .apply(([machine, invoked, status, urn]) => {
            // With --target or --exclude it may not have been invoked at all.
            if (invoked) assertSuccess(name, status, urn);
            return machine;
        });
    return { id, answersWithinSeconds: INSTALLED_SECONDS };
}

function toCommand(archive: string): string {
    return Buffer.from(renderCommand(Buffer.from(archive, "base64"))).toString("base64");
}

/** After a failure the provider keeps the invocation, without its status, and the next `up` would pass over it. */
function assertSuccess(name: string, status: string | undefined, urn: string): void {
    if (status === "Success") return;
    throw new pulumi.RunError(
        `the last change of region ${name} was not applied to its machine: Cloud Assistant says ` +
            `${status ?? "that it failed"}. Its console shows what the installer said, as does ` +
            `/var/lib/derp-relay/install.log on the machine. To try again: pulumi up --replace '${urn}'`,
    );
}
