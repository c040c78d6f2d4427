import { SecurityGroup } from "@pulumi/alicloud/ecs/securityGroup";
import { SecurityGroupRule } from "@pulumi/alicloud/ecs/securityGroupRule";
import { Network } from "@pulumi/alicloud/vpc/network";
import { Switch } from "@pulumi/alicloud/vpc/switch";
import type * as pulumi from "@pulumi/pulumi";

import type { OpenPort } from "../../ports";
import { subnetOf, VPC } from "../cloud/cloud-machine";

/** Where a machine is, and what may reach it. */
export interface AlicloudNetwork {
    /** ID of the switch. */
    readonly switchId: pulumi.Output<string>;
    /** ID of the security group. */
    readonly groupId: pulumi.Output<string>;
}

/**
 * Makes a network of its own with a firewall that is closed but for the relay.
 *
 * @param name Name of the resources, and part of their names in the cloud.
 * @param zone Zone of the switch. Changing it replaces switch and machine.
 * @param ports What is open. Changing one changes the firewall only.
 * @param opts Passed to every resource.
 * @returns The network.
 */
export function createAlicloudNetwork(
    name: string,
    zone: string,
    ports: readonly OpenPort[],
    opts: pulumi.CustomResourceOptions,
): AlicloudNetwork {
    const label = `derp-${name}`;
    const network = new Network(name, { vpcName: label, cidrBlock: VPC }, opts);
    const vswitch = new Switch(
        name,
        { vswitchName: label, vpcId: network.id, zoneId: zone, cidrBlock: subnetOf(zone) },
        opts,
    );
    const group = new SecurityGroup(
        name,
        { securityGroupName: label, vpcId: network.id, innerAccessPolicy: "Drop" },
        opts,
    );
    for (const port of ports) {
        createRules(name, port, group.id, opts);
    }
    return { switchId: vswitch.id, groupId: group.id };
}

function createRules(
    name: string,
    { protocol, port, sources, purpose }: OpenPort,
    securityGroupId: pulumi.Output<string>,
    opts: pulumi.CustomResourceOptions,
): void {
    const range = port === undefined ? "-1/-1" : `${String(port)}/${String(port)}`;
    const suffix = port === undefined ? protocol : `${protocol}-${String(port)}`;
    for (const source of sources) {
        const from = source === "0.0.0.0/0" ? "" : `-${source.replace("/", "-")}`;
        new SecurityGroupRule(
            `${name}-${suffix}${from}`,
            {
                securityGroupId,
                type: "ingress",
                ipProtocol: protocol,
                // Left out, the provider writes "<nil>" into the rule's ID and asks the cloud with it.
                nicType: "intranet",
                portRange: range,
                cidrIp: source,
                description: purpose,
            },
            opts,
        );
    }
}
