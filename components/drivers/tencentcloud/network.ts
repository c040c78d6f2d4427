import * as pulumi from "@pulumi/pulumi";
import { SecurityGroup, SecurityGroupRuleSet, Subnet, Vpc } from "@pulumi/tencentcloud";

import { EVERYBODY4, EVERYBODY6, type OpenPort } from "../../ports";
import { subnetOf, VPC } from "../cloud/subnet";
import { createIpv6Ranges } from "./ipv6";

/** Where a machine is, and what may reach it. */
export interface TencentcloudNetwork {
    /** ID of the VPC. */
    readonly vpcId: pulumi.Output<string>;
    /** ID of the subnet; there when it has all its addresses. */
    readonly subnetId: pulumi.Output<string>;
    /** IDs of the security groups; the first is there when its rules are. */
    readonly groupIds: readonly pulumi.Output<string>[];
    /** Closes what is open no longer, when a machine is there. */
    closeAfter(machine: pulumi.Output<string>): void;
}

/** What a network is for. */
export interface TencentcloudNetworkArgs {
    /** Zone of the subnet. Changing it replaces subnet and machine. */
    readonly zone: string;
    /** What is open. Changing one changes the firewall only. */
    readonly ports: readonly OpenPort[];
    /** Whether it has IPv6. */
    readonly ipv6: boolean;
}

/**
 * Makes a network of its own with a firewall that is closed but for the relay. The rules of a security group change all
 * at once, so there are two groups with the same ports: one changes before the machine does, the other when that has
 * ended well. Until then, what served is reached as before.
 *
 * @param name Name of the resources, and part of their names in the cloud.
 * @param args What the network is for.
 * @param opts Passed to every resource.
 * @returns The network.
 */
export function createTencentcloudNetwork(
    name: string,
    { zone, ports, ipv6 }: TencentcloudNetworkArgs,
    opts: pulumi.CustomResourceOptions,
): TencentcloudNetwork {
    const label = `derp-${name}`;
    const vpc = new Vpc(name, { name: label, cidrBlock: VPC }, opts);
    const subnet = new Subnet(
        name,
        { name: label, vpcId: vpc.id, availabilityZone: zone, cidrBlock: subnetOf(zone) },
        opts,
    );
    const ranges = ipv6
        ? createIpv6Ranges(name, { vpcId: vpc.id, subnetId: subnet.id, zone }, opts)
        : undefined;
    const ingresses = ports.flatMap(toRules);
    const group = new SecurityGroup(name, { name: label }, opts);
    const rules = new SecurityGroupRuleSet(
        name,
        {
            securityGroupId: group.id,
            ingresses,
            // Without a rule nothing may leave.
            egresses: [EVERYBODY4, ...(ipv6 ? [EVERYBODY6] : [])].map((to) => ({
                ...{ action: "ACCEPT", protocol: "ALL", port: "ALL" },
                ...range(to),
            })),
        },
        opts,
    );
    const late = `${name}.late`;
    const description = "what closes last when ports change";
    const lateGroup = new SecurityGroup(late, { name: `${label}-late`, description }, opts);
    return {
        vpcId: vpc.id,
        subnetId: pulumi.all([subnet.id, ranges?.id]).apply(([id]) => id),
        groupIds: [rules.securityGroupId, lateGroup.id],
        closeAfter: (machine) => {
            // What the machine's ID comes from, and not the ID: with a new one, the rules are the same.
            const dependsOn = machine.apply((): pulumi.Resource[] => []);
            const args = { securityGroupId: lateGroup.id, ingresses };
            new SecurityGroupRuleSet(late, args, { ...opts, dependsOn });
        },
    };
}

function toRules({ protocol, port, sources, purpose }: OpenPort) {
    return sources.map((source) => ({
        action: "ACCEPT",
        ...range(source),
        protocol: nameOf(protocol, source),
        // ICMP has none: the cloud fills in its own word.
        ...(port === undefined ? {} : { port: String(port) }),
        description: purpose,
    }));
}

function range(addresses: string): { cidrBlock: string } | { ipv6CidrBlock: string } {
    return addresses.includes(":") ? { ipv6CidrBlock: addresses } : { cidrBlock: addresses };
}

/** In capitals, ICMPv6 too: that is what the provider reads, and it would show anything else as a change. */
function nameOf(protocol: OpenPort["protocol"], source: string): string {
    return protocol === "icmp" && source.includes(":") ? "ICMPV6" : protocol.toUpperCase();
}
