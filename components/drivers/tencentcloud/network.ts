import type * as pulumi from "@pulumi/pulumi";
import { SecurityGroup, SecurityGroupRuleSet, Subnet, Vpc } from "@pulumi/tencentcloud";

import type { OpenPort } from "../../ports";
import { subnetOf, VPC } from "../cloud/cloud-machine";

/** Where a machine is, and what may reach it. */
export interface TencentcloudNetwork {
    /** ID of the VPC. */
    readonly vpcId: pulumi.Output<string>;
    /** ID of the subnet. */
    readonly subnetId: pulumi.Output<string>;
    /** ID of the security group; there when its rules are. */
    readonly groupId: pulumi.Output<string>;
}

/**
 * Makes a network of its own with a firewall that is closed but for the relay.
 *
 * @param name Name of the resources, and part of their names in the cloud.
 * @param zone Zone of the subnet. Changing it replaces subnet and machine.
 * @param ports What is open. Changing one changes the firewall only.
 * @param opts Passed to every resource.
 * @returns The network.
 */
export function createTencentcloudNetwork(
    name: string,
    zone: string,
    ports: readonly OpenPort[],
    opts: pulumi.CustomResourceOptions,
): TencentcloudNetwork {
    const label = `derp-${name}`;
    const vpc = new Vpc(name, { name: label, cidrBlock: VPC }, opts);
    const subnet = new Subnet(
        name,
        { name: label, vpcId: vpc.id, availabilityZone: zone, cidrBlock: subnetOf(zone) },
        opts,
    );
    const group = new SecurityGroup(name, { name: label }, opts);
    const rules = new SecurityGroupRuleSet(
        name,
        {
            securityGroupId: group.id,
            ingresses: ports.flatMap(toRules),
            // Without a rule nothing may leave.
            egresses: [{ action: "ACCEPT", cidrBlock: "0.0.0.0/0", protocol: "ALL", port: "ALL" }],
        },
        opts,
    );
    return { vpcId: vpc.id, subnetId: subnet.id, groupId: rules.securityGroupId };
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
