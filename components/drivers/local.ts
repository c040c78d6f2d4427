import * as pulumi from "@pulumi/pulumi";

import { moduleProvider } from "../dynamic/module-provider";
import type { Driver } from "./driver";
import { machineName } from "./local/names";

/** Settings that only the `local` place has. */
export interface LocalSettings {
    /** IPv4 address on a private bridge of this host. Changing it replaces the machine. */
    readonly address: string;
}

/**
 * Runs a relay on this Linux host: a Debian machine booted by systemd-nspawn, on a bridge of its
 * own.
 *
 * @param settings Settings that only this place has.
 * @returns The driver.
 */
export function localDriver(settings: LocalSettings): Driver {
    return {
        archiveLimit: undefined,
        createSite: ({ name }, opts) => ({
            address: pulumi.output(settings.address),
            createMachine: ({ archive, digest }) => {
                const inputs = {
                    machine: machineName(name, pulumi.getStack()),
                    address: settings.address,
                    archive,
                    digest,
                };
                const made = new LocalMachine(name, inputs, opts);
                const id = pulumi.interpolate`${made.id} ${made.boot}`;
                return { id };
            },
        }),
    };
}

/** Inputs of {@link LocalMachine}; `provider.ts` in `local/` says what each means. */
interface LocalMachineArgs {
    readonly machine: string;
    readonly address: string;
    readonly archive: pulumi.Input<string>;
    readonly digest: pulumi.Input<string>;
}

class LocalMachine extends pulumi.dynamic.Resource {
    /** Changes each time the machine, or what runs on it, was made anew. */
    declare public readonly boot: pulumi.Output<string>;

    public constructor(name: string, args: LocalMachineArgs, opts: pulumi.CustomResourceOptions) {
        super(
            moduleProvider("components/drivers/local/provider.ts"),
            name,
            { ...args, status: undefined, boot: undefined },
            opts,
            "derp",
            "LocalMachine",
        );
    }
}
