import * as pulumi from "@pulumi/pulumi";
import {
    type Instance,
    Ipv6AddressBandwidth,
    VpcIpv6CidrBlock,
    VpcIpv6SubnetCidrBlock,
} from "@pulumi/tencentcloud";

import { configureIpv6 } from "../../cloud-init/ipv6";
import { upCommand } from "../../pulumi-command";
import { shownAddress } from "../cloud/shown-address";
import { ipv6SubnetOf } from "../cloud/subnet";

/**
 * Where every machine of this cloud sends what leaves over IPv6.
 *
 * @see https://cloud.tencent.com/document/product/1142/47666
 */
const GATEWAY = "fe80::feee:ffff:feff:ffff";

/** What gets addresses. */
export interface Ipv6Network {
    /** ID of the VPC. */
    readonly vpcId: pulumi.Output<string>;
    /** ID of its subnet. */
    readonly subnetId: pulumi.Output<string>;
    /** Zone of the subnet. */
    readonly zone: string;
}

/**
 * Asks the cloud for IPv6 addresses for a VPC, and gives its subnet the zone's part of them.
 *
 * @param name Name of the resources.
 * @param network What gets them.
 * @param opts Passed to both resources.
 * @returns The subnet's part; a machine with an address in it has to be made later and deleted before.
 */
export function createIpv6Ranges(
    name: string,
    { vpcId, subnetId, zone }: Ipv6Network,
    opts: pulumi.CustomResourceOptions,
): VpcIpv6SubnetCidrBlock {
    const whole = new VpcIpv6CidrBlock(name, { vpcId }, opts);
    const ipv6CidrBlock = whole.ipv6CidrBlock.apply((range: string | undefined) => {
        if (!range) {
            throw new pulumi.RunError(
                `the VPC of region ${name} must have a range of IPv6: the cloud shows none. Fix: run ${upCommand("--refresh")}`,
            );
        }
        return ipv6SubnetOf(range, zone);
    });
    return new VpcIpv6SubnetCidrBlock(
        name,
        { vpcId, ipv6SubnetCidrBlocks: { subnetId, ipv6CidrBlock } },
        replacedWith(["ipv6SubnetCidrBlocks"], [subnetId, ipv6CidrBlock], opts),
    );
}

/** A machine's IPv6 address, and its way to the internet. */
export interface Ipv6Access {
    /** The address. */
    readonly address: pulumi.Output<string>;
    /** What has opened the way. */
    readonly way: pulumi.Resource;
}

/**
 * Opens the way of a machine's IPv6 address to the internet: without bandwidth it is a private one.
 *
 * @param name Name of the resource.
 * @param access What it is for.
 * @param access.instance The machine. Another one has another address.
 * @param access.bandwidth Outgoing bandwidth in Mbit/s. Changing it changes the limit in place.
 * @param opts Passed to the resource.
 * @returns The address, there when the cloud has been asked for bandwidth, and what asks for it.
 * @throws {pulumi.RunError} If the cloud shows no address.
 */
export function openIpv6(
    name: string,
    { instance, bandwidth }: { readonly instance: Instance; readonly bandwidth: number },
    opts: pulumi.CustomResourceOptions,
): Ipv6Access {
    const ipv6Address = pulumi
        .all([instance.ipv6Addresses, instance.urn])
        .apply(([addresses, urn]) => shownAddress(addresses, { name, urn, again: "--refresh" }));
    const way = new Ipv6AddressBandwidth(
        name,
        {
            ipv6Address,
            internetMaxBandwidthOut: bandwidth,
            // The only way to pay for these, but for packages.
            internetChargeType: "TRAFFIC_POSTPAID_BY_HOUR",
        },
        replacedWith(["ipv6Address"], [instance.id, ipv6Address], opts),
    );
    const address = pulumi.all([ipv6Address, way.id]).apply(([value]) => value);
    return { address, way };
}

/**
 * Clouds may write an address in another way than it was given: no reason to have it anew, which they would refuse. Only
 * what it is, and whose, counts.
 */
function replacedWith(
    ignoreChanges: string[],
    values: readonly pulumi.Output<string>[],
    opts: pulumi.CustomResourceOptions,
): pulumi.CustomResourceOptions {
    const replacementTrigger = pulumi
        .all([opts.replacementTrigger as string, ...values])
        .apply((all) => all.join(" "));
    return { ...opts, ignoreChanges, replacementTrigger };
}

/**
 * What a machine is to be told about its address: the images of this cloud do not ask for it.
 *
 * @param address The address.
 * @returns Shell script, for root.
 */
export function ipv6Script(address: string): string {
    return configureIpv6({ address, gateway: GATEWAY });
}
