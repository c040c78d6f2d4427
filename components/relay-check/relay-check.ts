import * as pulumi from "@pulumi/pulumi";

import type { DerpNode } from "../derp-map/types";
import { moduleProvider } from "../dynamic/module-provider";

/** Arguments of {@link RelayCheck}. */
export interface RelayCheckArgs {
    /** The relay as clients see it. Changing it checks again. */
    readonly node: pulumi.Input<DerpNode>;
    /** IPv4 address that leads to it, where that is not the one for clients yet. Changing it checks nothing. */
    readonly address?: pulumi.Input<string>;
    /** Machine that should answer. A new one is checked again. */
    readonly machineId: pulumi.Input<string>;
    /** Digest of what runs on it. A changed one is checked again; without one, only a new machine is. */
    readonly digest?: pulumi.Input<string>;
}

/**
 * Waits, from where Pulumi runs, until a relay answers as its clients will ask it: TLS with the
 * right certificate, STUN and the DERP handshake. What depends on it is only made for a relay
 * that serves.
 */
export class RelayCheck extends pulumi.dynamic.Resource {
    public constructor(name: string, args: RelayCheckArgs, opts: pulumi.CustomResourceOptions) {
        const provider = moduleProvider("components/relay-check/provider.ts");
        super(provider, name, { ...args }, opts, "derp", "RelayCheck");
    }
}
