import { getImagesOutput } from "@pulumi/alicloud/ecs/getImages";
import { getInstanceTypesOutput } from "@pulumi/alicloud/ecs/getInstanceTypes";
import type * as pulumi from "@pulumi/pulumi";

import { firstImage, warnUnlessOffered } from "../cloud/catalogue";

/**
 * Finds the newest public image with a name.
 *
 * @param wanted The image.
 * @param wanted.name Region that it is for.
 * @param wanted.image Regular expression for its name.
 * @param opts With the provider of the region.
 * @returns ID of the image.
 * @throws {pulumi.RunError} If none matches.
 */
export function findImage(
    wanted: { readonly name: string; readonly image: string },
    opts: pulumi.InvokeOutputOptions,
): pulumi.Output<string> {
    const found = getImagesOutput(
        { owners: "system", nameRegex: wanted.image, architecture: "x86_64", mostRecent: true },
        opts,
    );
    return found.apply(({ images }) => firstImage(images, wanted));
}

/** How a machine is paid. */
export interface AlicloudCharge {
    /** By the hour or by the month. */
    readonly instanceChargeType: "PostPaid" | "PrePaid";
    /** At the spot price. */
    readonly spotStrategy?: "SpotAsPriceGo";
}

/**
 * Warns when the zone does not offer an instance type now. Not an error: a machine that exists may keep a type
 * that is sold out.
 *
 * @param wanted The type.
 * @param wanted.name Region that it is for.
 * @param wanted.instanceType Its name.
 * @param wanted.zone The zone.
 * @param wanted.charge How it is paid, in the cloud's words.
 * @param opts With the provider of the region.
 * @returns The type.
 */
export function checkInstanceType(
    wanted: {
        readonly name: string;
        readonly instanceType: string;
        readonly zone: string;
        readonly charge: AlicloudCharge;
    },
    opts: pulumi.InvokeOutputOptions,
): pulumi.Output<string> {
    const { instanceChargeType, spotStrategy } = wanted.charge;
    const query = {
        availabilityZone: wanted.zone,
        instanceChargeType,
        ...(spotStrategy && { spotStrategy }),
    };
    return getInstanceTypesOutput(query, opts).apply(({ instanceTypes }) => {
        const types = instanceTypes.map(({ id, cpuCoreCount, memorySize }) => ({
            type: id,
            cores: cpuCoreCount,
            memoryGb: memorySize,
        }));
        return warnUnlessOffered(types, wanted);
    });
}
