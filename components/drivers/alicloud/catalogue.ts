import { getImages } from "@pulumi/alicloud/ecs/getImages";
import { getInstanceTypes } from "@pulumi/alicloud/ecs/getInstanceTypes";
import type * as pulumi from "@pulumi/pulumi";

import { choose, type Found, type Wanted } from "../cloud/catalogue";
import { CREDENTIALS } from "./provider";

/** How a machine is paid. */
export interface AlicloudCharge {
    /** By the hour or by the month. */
    readonly instanceChargeType: "PostPaid" | "PrePaid";
    /** At the spot price. */
    readonly spotStrategy?: "SpotAsPriceGo";
}

/** Types for ARM, such as `ecs.g8y.small`: the cloud does not say it of a type. */
const ARM = /^ecs\.(ebm)?[cgr]\d+[ry]\./;

/**
 * Finds what a machine is made of, as `choose` says.
 *
 * @param wanted What is looked for, and how it is paid.
 * @param opts With the provider of the region.
 * @returns What was found.
 */
export function findMachine(
    wanted: Wanted & { readonly charge: AlicloudCharge },
    opts: pulumi.InvokeOptions,
): pulumi.Output<Found> {
    const { instanceChargeType, spotStrategy } = wanted.charge;
    const offers = Promise.all([
        getImages(
            { owners: "system", nameRegex: wanted.image, architecture: "x86_64", mostRecent: true },
            opts,
        ),
        getInstanceTypes(
            {
                availabilityZone: wanted.zone,
                instanceChargeType,
                ...(spotStrategy && { spotStrategy }),
            },
            opts,
        ),
    ]).then(([{ images }, { instanceTypes }]) => ({
        images,
        types: instanceTypes.map(({ id, cpuCoreCount, memorySize }) => ({
            ...{ type: id, cores: cpuCoreCount, memoryGb: memorySize, isArm: ARM.test(id) },
        })),
    }));
    return choose(offers, { wanted, cloud: "Alibaba Cloud", credentials: CREDENTIALS });
}
