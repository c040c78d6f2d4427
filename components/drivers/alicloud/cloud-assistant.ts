import { Command } from "@pulumi/alicloud/ecs/command";
import { EcsInvocation } from "@pulumi/alicloud/ecs/ecsInvocation";
import * as pulumi from "@pulumi/pulumi";

import { renderCommands } from "../../cloud-init/deliver";
import { replaceCommand } from "../../pulumi-command";
import { type CloudMachine, connectionTo } from "../cloud/cloud-machine";
import type { Machine, MachineRequest } from "../driver";
import { createFirstPayload } from "../ssh/remote-payload";

/** How long a command may run, in seconds: a slow machine builds derper meanwhile. */
const COMMAND_SECONDS = 3600;

/** A machine that commands will change. */
interface CommandedMachine extends CloudMachine {
    /** TCP port of its relay, and until then of SSH. */
    readonly port: number;
}

/**
 * Applies each change of the payload in place through Cloud Assistant, whose agent is in the cloud's public images: it
 * needs no port. The first payload goes over SSH on the relay's port, because that agent answers nothing yet, and
 * shows nobody what an installer says. It takes 18 KB of base64 as a command, and so the payload in two.
 *
 * @param name Name of the resources.
 * @param machine The machine.
 * @param request What it is to run.
 * @param opts Passed to the resources, with the provider of the region.
 * @returns The machine; its id resolves when the payload is applied.
 */
export function applyByCommand(
    name: string,
    { instance, association, address, keys, port }: CommandedMachine,
    { archive }: MachineRequest,
    opts: pulumi.CustomResourceOptions,
): Machine {
    const booted = createFirstPayload(
        name,
        { connection: connectionTo(keys, address, port), archive, instance },
        { ...(opts.parent && { parent: opts.parent }), dependsOn: [association] },
    );
    const { store, install } = pulumi.secret(
        archive.apply((text) => renderCommands(Buffer.from(text, "base64"))),
    );
    const part = invoke(`${name}.part`, { script: store, instance, after: booted.id }, opts);
    const stored = machineAfter(name, part, instance);
    const whole = invoke(name, { script: install, instance, after: stored }, opts);
    return { id: machineAfter(name, whole, instance) };
}

/** What is run on which machine, and after what. */
interface Run {
    readonly script: pulumi.Output<string>;
    readonly instance: pulumi.CustomResource;
    /** Resolves when it may be run. */
    readonly after: pulumi.Output<string>;
}

/** Runs a script once, and again when it or the machine is another one. */
function invoke(
    name: string,
    { script, instance, after }: Run,
    opts: pulumi.CustomResourceOptions,
): EcsInvocation {
    const command = new Command(
        name,
        {
            name: `derp-${name}`,
            type: "RunShellScript",
            commandContent: script.apply((text) => Buffer.from(text).toString("base64")),
            timeout: COMMAND_SECONDS,
        },
        opts,
    );
    return new EcsInvocation(
        name,
        {
            commandId: pulumi.all([command.id, after]).apply(([id]) => id),
            instanceIds: [instance.id],
        },
        {
            ...opts,
            customTimeouts: { create: `${String(COMMAND_SECONDS + 300)}s` },
            // To delete it means to stop it, which one that has ended refuses.
            retainOnDelete: true,
        },
    );
}

/**
 * After a failure the provider keeps the invocation, without its status, and the next `up` would pass over it.
 *
 * @param name The region.
 * @param invocation What was run.
 * @param machine The machine.
 * @returns ID of the machine, when it has succeeded.
 */
function machineAfter(
    name: string,
    { id, status, urn }: EcsInvocation,
    machine: pulumi.CustomResource,
): pulumi.Output<string> {
    return pulumi.all([machine.id, id, status, urn]).apply(([value, invoked, became, of]) => {
        // With --target or --exclude it may not have been invoked at all.
        if (!invoked || became === "Success") return value;
        // Both: what was stored may be gone.
        const whole = of.replace(/\.part$/, "");
        throw new pulumi.RunError(
            `the last change of region ${name} was not applied to its machine: Cloud Assistant says ` +
                `${became || "that it failed"}. Its console shows what the installer said, as does ` +
                "/var/lib/derp-relay/install.log on the machine. To try again: " +
                replaceCommand(`${whole}.part`, whole),
        );
    });
}
