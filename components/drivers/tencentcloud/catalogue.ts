import type * as pulumi from "@pulumi/pulumi";
import { getImages, getInstanceTypes } from "@pulumi/tencentcloud";

import { choose, type Found, type Wanted } from "../cloud/catalogue";
import { CREDENTIALS } from "./provider";

/** Types for ARM, such as `SR1.MEDIUM4`: the cloud does not say it of a type. */
const ARM = /^SR\d/;

/**
 * Finds what a machine is made of, as `choose` says.
 *
 * @param wanted What is looked for, and how it is paid, in the cloud's words.
 * @param opts With the provider of the region.
 * @returns What was found.
 */
export function findMachine(
    wanted: Wanted & { readonly charge: string },
    opts: pulumi.InvokeOptions,
): pulumi.Output<Found> {
    const offers = Promise.all([
        getImages({ imageTypes: ["PUBLIC_IMAGE"], imageNameRegex: wanted.image }, opts),
        getInstanceTypes(
            {
                filters: [
                    { name: "zone", values: [wanted.zone] },
                    { name: "instance-charge-type", values: [wanted.charge] },
                ],
                excludeSoldOut: true,
            },
            opts,
        ),
    ]).then(([{ images }, { instanceTypes }]) => ({
        images: images
            .filter(({ architecture }) => architecture === "x86_64")
            .map(({ imageId: id = "", createdTime = "" }) => ({ id, createdTime }))
            .toSorted((a, b) => b.createdTime.localeCompare(a.createdTime)),
        types: instanceTypes.map(
            ({ instanceType: type = "", cpuCoreCount: cores = 0, memorySize: memoryGb = 0 }) => ({
                ...{ type, cores, memoryGb, isArm: ARM.test(type) },
            }),
        ),
    }));
    return choose(offers, { wanted, cloud: "Tencent Cloud", credentials: CREDENTIALS });
}
