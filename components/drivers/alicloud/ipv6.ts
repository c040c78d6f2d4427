import { getIpv6AddressesOutput } from "@pulumi/alicloud/vpc/getIpv6Addresses";
import { Ipv6InternetBandwidth } from "@pulumi/alicloud/vpc/ipv6InternetBandwidth";
import * as pulumi from "@pulumi/pulumi";

import { shortIpv6 } from "../../ipv6-address";

/** What the way of a machine's IPv6 address to the internet is made of. */
export interface Ipv6Access {
    /** The machine. Another one gets another address. */
    readonly instance: { readonly id: pulumi.Output<string> };
    /** Gateway of the network; undefined without IPv6. */
    readonly gatewayId: pulumi.Output<string> | undefined;
    /** Outgoing bandwidth in Mbit/s. Changing it changes the limit in place. */
    readonly bandwidth: number;
    /** How traffic is paid, in the cloud's words. Changing it replaces the way, not the address. */
    readonly internetChargeType: string;
}

/**
 * Opens the way of a machine's IPv6 address to the internet: without bandwidth it is a private one.
 *
 * @param name Name of the resource.
 * @param access What it is made of.
 * @param opts Passed to the resource, with the provider of the region.
 * @returns The address, there when the internet reaches it; undefined without IPv6.
 */
export function openIpv6(
    name: string,
    { instance, gatewayId, ...rest }: Ipv6Access,
    opts: pulumi.CustomResourceOptions,
): pulumi.Output<string> | undefined {
    if (gatewayId === undefined) {
        return undefined;
    }
    const { parent, provider } = opts;
    const found = getIpv6AddressesOutput(
        { associatedInstanceId: instance.id, status: "Available" },
        { ...(parent && { parent }), ...(provider && { provider }) },
    );
    // Not the instance's own output: that stays what it was when the machine was made.
    const address = found.apply(({ addresses }) => first(addresses, name));
    const bandwidth = new Ipv6InternetBandwidth(
        name,
        { ipv6AddressId: address.id, ipv6GatewayId: gatewayId, ...rest },
        {
            ...opts,
            // In place, the provider would leave it with the address of the machine that goes.
            replaceOnChanges: ["ipv6AddressId"],
            // An address has one.
            deleteBeforeReplace: true,
        },
    );
    return pulumi.all([address.ipv6Address, bandwidth.id]).apply(([text]) => shortIpv6(text));
}

interface FoundAddress {
    readonly id: string;
    readonly ipv6Address: string;
}

function first([address]: readonly FoundAddress[], region: string): FoundAddress {
    if (address === undefined) {
        throw new pulumi.RunError(
            `the machine of region ${region} must have an IPv6 address: the cloud shows none. ` +
                "Fix: run pulumi up again; if that does not help, choose another place.instanceType",
        );
    }
    return address;
}
