import type * as pulumi from "@pulumi/pulumi";
import { SecurityGroup, SecurityGroupRuleSet, Subnet, Vpc } from "@pulumi/tencentcloud";

import type { OpenPort } from "../../ports";
import { subnetOf, VPC } from "../cloud/subnet";

/** Where a machine is, and what may reach it. */
export interface TencentcloudNetwork {
    /** ID of the VPC. */
    readonly vpcId: pulumi.Output<string>;
    /** ID of the subnet. */
    readonly subnetId: pulumi.Output<string>;
    /** IDs of the security groups; the first is there when its rules are. */
    readonly groupIds: readonly pulumi.Output<string>[];
    /** Closes what is open no longer, when a machine is there. */
    closeAfter(machine: pulumi.Output<string>): void;
}

/**
 * Makes a network of its own with a firewall that is closed but for the relay. The rules of a security group change all
 * at once, so there are two groups with the same ports: one changes before the machine does, the other when that has
 * ended well. Until then, what served is reached as before.
 *
 * @param name Name of the resources, and part of their names in the cloud.
 * @param site What the network is for.
 * @param site.zone Zone of the subnet. Changing it replaces subnet and machine.
 * @param site.ports What is open. Changing one changes the firewall only.
 * @param opts Passed to every resource.
 * @returns The network.
 */
export function createTencentcloudNetwork(
    name: string,
    { zone, ports }: { readonly zone: string; readonly ports: readonly OpenPort[] },
    opts: pulumi.CustomResourceOptions,
): TencentcloudNetwork {
    const label = `derp-${name}`;
    const vpc = new Vpc(name, { name: label, cidrBlock: VPC }, opts);
    const subnet = new Subnet(
        name,
        { name: label, vpcId: vpc.id, availabilityZone: zone, cidrBlock: subnetOf(zone) },
        opts,
    );
    const ingresses = ports.flatMap(toRules);
    const group = new SecurityGroup(name, { name: label }, opts);
    const rules = new SecurityGroupRuleSet(
        name,
        {
            securityGroupId: group.id,
            ingresses,
            // Without a rule nothing may leave.
            egresses: [{ action: "ACCEPT", cidrBlock: "0.0.0.0/0", protocol: "ALL", port: "ALL" }],
        },
        opts,
    );
    const late = `${name}.late`;
    const description = "what closes last when ports change";
    const lateGroup = new SecurityGroup(late, { name: `${label}-late`, description }, opts);
    return {
        vpcId: vpc.id,
        subnetId: subnet.id,
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
    return sources.map((cidrBlock) => ({
        action: "ACCEPT",
        cidrBlock,
        protocol: protocol.toUpperCase(),
        // ICMP has none: the cloud fills in its own word.
        ...(port === undefined ? {} : { port: String(port) }),
        description: purpose,
    }));
}
