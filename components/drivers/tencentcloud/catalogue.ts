import type * as pulumi from "@pulumi/pulumi";
import { getImagesOutput, getInstanceTypesOutput } from "@pulumi/tencentcloud";

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
        { imageTypes: ["PUBLIC_IMAGE"], imageNameRegex: wanted.image },
        opts,
    );
    return found.apply(({ images }) =>
        firstImage(
            images
                .filter(({ architecture }) => architecture === "x86_64")
                .map(({ imageId: id = "", createdTime = "" }) => ({ id, createdTime }))
                .toSorted((a, b) => b.createdTime.localeCompare(a.createdTime)),
            wanted,
        ),
    );
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
        readonly charge: string;
    },
    opts: pulumi.InvokeOutputOptions,
): pulumi.Output<string> {
    const found = getInstanceTypesOutput(
        {
            filters: [
                { name: "zone", values: [wanted.zone] },
                { name: "instance-charge-type", values: [wanted.charge] },
            ],
            excludeSoldOut: true,
        },
        opts,
    );
    return found.apply(({ instanceTypes }) => {
        const types = instanceTypes.map(
            ({ instanceType: type = "", cpuCoreCount: cores = 0, memorySize: memoryGb = 0 }) => ({
                type,
                cores,
                memoryGb,
            }),
        );
        return warnUnlessOffered(types, wanted);
    });
}
