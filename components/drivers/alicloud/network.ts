import { SecurityGroup } from "@pulumi/alicloud/ecs/securityGroup";
import { SecurityGroupRule } from "@pulumi/alicloud/ecs/securityGroupRule";
import { Ipv6Gateway } from "@pulumi/alicloud/vpc/ipv6Gateway";
import { Network } from "@pulumi/alicloud/vpc/network";
import { Switch } from "@pulumi/alicloud/vpc/switch";
import type * as pulumi from "@pulumi/pulumi";

import { EVERYBODY4, EVERYBODY6, type OpenPort } from "../../ports";
import { numberOf, subnetOf, VPC } from "../cloud/subnet";

/** Where a machine is, and what may reach it. */
export interface AlicloudNetwork {
    /** ID of the switch. */
    readonly switchId: pulumi.Output<string>;
    /** ID of the security group. */
    readonly groupId: pulumi.Output<string>;
    /** ID of the IPv6 gateway; undefined without IPv6. */
    readonly ipv6GatewayId: pulumi.Output<string> | undefined;
}

/** What a network is made for. */
export interface AlicloudNetworkArgs {
    /** Zone of the switch. Changing it replaces switch and machine. */
    readonly zone: string;
    /** What is open. Changing one changes the firewall only. */
    readonly ports: readonly OpenPort[];
    /** Whether it has IPv6. Turning it on changes network and switch in place; turned off, theirs stays, unused. */
    readonly ipv6: boolean;
}

/**
 * Makes a network of its own with a firewall that is closed but for the relay.
 *
 * @param name Name of the resources, and part of their names in the cloud.
 * @param args What it is made for.
 * @param opts Passed to every resource.
 * @returns The network.
 */
export function createAlicloudNetwork(
    name: string,
    { zone, ports, ipv6 }: AlicloudNetworkArgs,
    opts: pulumi.CustomResourceOptions,
): AlicloudNetwork {
    const label = `derp-${name}`;
    const network = new Network(
        name,
        { vpcName: label, cidrBlock: VPC, ...(ipv6 && { enableIpv6: true }) },
        opts,
    );
    const vswitch = new Switch(
        name,
        {
            ...{ vswitchName: label, vpcId: network.id, zoneId: zone, cidrBlock: subnetOf(zone) },
            ...(ipv6 && { enableIpv6: true, ipv6CidrBlockMask: numberOf(zone) }),
        },
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
    const gateway =
        ipv6 && new Ipv6Gateway(name, { ipv6GatewayName: label, vpcId: network.id }, opts);
    return {
        switchId: vswitch.id,
        groupId: group.id,
        ipv6GatewayId: gateway ? gateway.id : undefined,
    };
}

/** What rules for everybody have in their names. */
const SHORT: Readonly<Record<string, string>> = { [EVERYBODY4]: "", [EVERYBODY6]: "-ipv6" };

function createRules(
    name: string,
    { protocol, port, sources, purpose }: OpenPort,
    securityGroupId: pulumi.Output<string>,
    opts: pulumi.CustomResourceOptions,
): void {
    const range = port === undefined ? "-1/-1" : `${String(port)}/${String(port)}`;
    const suffix = port === undefined ? protocol : `${protocol}-${String(port)}`;
    for (const source of sources) {
        const isIpv6 = source === EVERYBODY6;
        new SecurityGroupRule(
            `${name}-${suffix}${SHORT[source] ?? `-${source.replace("/", "-")}`}`,
            {
                securityGroupId,
                type: "ingress",
                ipProtocol: isIpv6 && protocol === "icmp" ? "icmpv6" : protocol,
                // Left out, the provider writes "<nil>" into the rule's ID and asks the cloud with it.
                nicType: "intranet",
                portRange: range,
                ...(isIpv6 ? { ipv6CidrIp: source } : { cidrIp: source }),
                description: purpose,
            },
            opts,
        );
    }
}
