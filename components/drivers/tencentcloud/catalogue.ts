import type * as pulumi from "@pulumi/pulumi";
import { getImages, getInstanceTypes } from "@pulumi/tencentcloud";

import {
    answersOf,
    firstImage,
    type Found,
    type Wanted,
    warnUnlessOffered,
} from "../cloud/catalogue";
import { CREDENTIALS } from "./provider";

/**
 * Finds the newest public image with a name, and warns when the zone does not offer an instance type now. That is not
 * an error: a machine that exists may keep a type that is sold out.
 *
 * @param wanted What is looked for, and how it is paid, in the cloud's words.
 * @param opts With the provider of the region.
 * @returns What was found.
 * @throws {pulumi.RunError} If no image matches, or the cloud does not answer.
 */
export function findMachine(
    wanted: Wanted & { readonly charge: string },
    opts: pulumi.InvokeOptions,
): pulumi.Output<Found> {
    const answers = Promise.all([
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
    ]);
    const asked = { wanted, cloud: "Tencent Cloud", credentials: CREDENTIALS };
    return answersOf(answers, asked).apply(([{ images }, { instanceTypes }]) => {
        const newest = images
            .filter(({ architecture }) => architecture === "x86_64")
            .map(({ imageId: id = "", createdTime = "" }) => ({ id, createdTime }))
            .toSorted((a, b) => b.createdTime.localeCompare(a.createdTime));
        const types = instanceTypes.map(
            ({ instanceType: type = "", cpuCoreCount: cores = 0, memorySize: memoryGb = 0 }) => ({
                type,
                cores,
                memoryGb,
            }),
        );
        const instanceType = warnUnlessOffered(types, wanted);
        return { imageId: firstImage(newest, wanted), instanceType };
    });
}
