import { getImages } from "@pulumi/alicloud/ecs/getImages";
import { getInstanceTypes } from "@pulumi/alicloud/ecs/getInstanceTypes";
import type * as pulumi from "@pulumi/pulumi";

import {
    answersOf,
    firstImage,
    type Found,
    type Wanted,
    warnUnlessOffered,
} from "../cloud/catalogue";
import { CREDENTIALS } from "./provider";

/** How a machine is paid. */
export interface AlicloudCharge {
    /** By the hour or by the month. */
    readonly instanceChargeType: "PostPaid" | "PrePaid";
    /** At the spot price. */
    readonly spotStrategy?: "SpotAsPriceGo";
}

/**
 * Finds the newest public image with a name, and warns when the zone does not offer an instance type now. That is not
 * an error: a machine that exists may keep a type that is sold out.
 *
 * @param wanted What is looked for, and how it is paid.
 * @param opts With the provider of the region.
 * @returns What was found.
 * @throws {pulumi.RunError} If no image matches, or the cloud does not answer.
 */
export function findMachine(
    wanted: Wanted & { readonly charge: AlicloudCharge },
    opts: pulumi.InvokeOptions,
): pulumi.Output<Found> {
    const { instanceChargeType, spotStrategy } = wanted.charge;
    const answers = Promise.all([
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
    ]);
    const asked = { wanted, cloud: "Alibaba Cloud", credentials: CREDENTIALS };
    return answersOf(answers, asked).apply(([{ images }, { instanceTypes }]) => {
        const types = instanceTypes.map(({ id, cpuCoreCount, memorySize }) => ({
            type: id,
            cores: cpuCoreCount,
            memoryGb: memorySize,
        }));
        const instanceType = warnUnlessOffered(types, wanted);
        return { imageId: firstImage(images, wanted), instanceType };
    });
}
