import { getIpv6AddressesOutput } from "@pulumi/alicloud/vpc/getIpv6Addresses";
import { Ipv6InternetBandwidth } from "@pulumi/alicloud/vpc/ipv6InternetBandwidth";
import * as pulumi from "@pulumi/pulumi";

import { shownAddress } from "../cloud/shown-address";

/** What the way of a machine's IPv6 address to the internet is made of. */
export interface Ipv6Access {
    /** The machine. Another one gets another address. */
    readonly instance: pulumi.CustomResource;
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
 * @throws {pulumi.RunError} If the cloud shows no address.
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
    const address = pulumi.all([found, instance.urn]).apply(([{ addresses }, urn]) => {
        const shown = addresses.map(({ ipv6Address }) => ipv6Address);
        const text = shownAddress(shown, { name, urn });
        return { id: addresses[0]?.id ?? "", text };
    });
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
    return pulumi.all([address.text, bandwidth.id]).apply(([text]) => text);
}
