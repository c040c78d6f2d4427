/** Names a module that exports functions of `CloudHooks`. */
export const HOOKS_VARIABLE = "DERP_RELAY_STAND_IN_MACHINES";

/** A rule of a firewall; the first that matches a packet decides. */
export interface FirewallRule {
    readonly direction: "ingress" | "egress";
    readonly protocol: "tcp" | "udp" | "icmp" | "icmpv6" | "gre" | "all";
    /** First port; 0 with protocols that have none. */
    readonly fromPort: number;
    /** Last port; 65535 with protocols that have none. */
    readonly toPort: number;
    /** The other side: a network, of IPv4 or IPv6, or the id of a security group. */
    readonly cidr: string;
    readonly action: "accept" | "drop";
}

/** An instance as it is switched on for the first time, or again after its disk was replaced. */
export interface NewInstance {
    readonly id: string;
    readonly cloud: string;
    /** Decoded. */
    readonly userData: string;
    readonly keyPublicKey?: string;
}

/**
 * What end-to-end runs do where a real cloud has machines, cables and name servers. A plugin waits
 * for each before it answers the engine. All of them may be absent.
 */
export interface CloudHooks {
    instanceCreated(instance: NewInstance): Promise<void> | void;
    instanceDeleted(instance: { readonly id: string }): Promise<void> | void;
    /** An address of IPv4 or IPv6 leads to an instance from now on. */
    addressBound(binding: {
        readonly instanceId: string;
        readonly address: string;
    }): Promise<void> | void;
    addressUnbound(binding: {
        readonly instanceId: string;
        readonly address: string;
    }): Promise<void> | void;
    /** A command as the cloud's agent runs it on an instance, as root. */
    commandInvoked(invocation: {
        readonly instanceId: string;
        readonly content: string;
    }): Promise<void> | void;
    /** What no rule matches is dropped, in both directions: the rules say all that is allowed. */
    firewallChanged(change: {
        readonly instanceId: string;
        readonly rules: readonly FirewallRule[];
        /** Grows with every change: of two that come at once, the higher one counts. */
        readonly version: number;
    }): Promise<void> | void;
    /** The value is undefined when the record is gone. */
    recordChanged(record: {
        readonly name: string;
        readonly type: string;
        readonly value: string | undefined;
    }): Promise<void> | void;
}
