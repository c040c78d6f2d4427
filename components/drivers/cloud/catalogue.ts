import * as pulumi from "@pulumi/pulumi";

import { reasonOf } from "../../reason-of";

/** An instance type that a zone offers. */
interface InstanceType {
    /** Its name. */
    readonly type: string;
    /** Number of cores. */
    readonly cores: number;
    /** Memory in GB. */
    readonly memoryGb: number;
    /** Whether it is for ARM: no image that is chosen runs on it. */
    readonly isArm: boolean;
}

/** How many types a message names. */
const NAMED = 8;

/** What a cloud is asked about. */
export interface Wanted {
    /** Region that it is for. */
    readonly name: string;
    /** Zone of the machine. */
    readonly zone: string;
    /** Regular expression for the image's name. */
    readonly image: string;
    /** Instance type. */
    readonly instanceType: string;
}

/** What a machine is made of. */
export interface Found {
    /** ID of the image. */
    readonly imageId: string;
    /** Instance type. */
    readonly instanceType: string;
}

/** What a cloud has to offer. */
export interface Offers {
    /** Images that match, the newest first. */
    readonly images: readonly { readonly id: string }[];
    /** Types that the zone sells for the way to pay. */
    readonly types: readonly InstanceType[];
}

/**
 * Finds the newest public image with a name, and warns when the zone does not offer an instance type now. That is not
 * an error: a machine that exists may keep a type that is sold out.
 *
 * @param offers What the cloud answers. It is the first that it is asked with new credentials.
 * @param asked About what, and how.
 * @param asked.wanted What is looked for.
 * @param asked.cloud Name of the cloud.
 * @param asked.credentials Where its credentials come from.
 * @returns What was found. When no image matches, or the cloud does not answer, the program ends and says where to look.
 */
export function choose(
    offers: Promise<Offers>,
    asked: { readonly wanted: Wanted; readonly cloud: string; readonly credentials: string },
): pulumi.Output<Found> {
    const { wanted, cloud, credentials } = asked;
    const explained = offers.catch((error: unknown) => {
        // An engine that ends has no answers.
        if (reasonOf(error).includes("is terminating")) throw error;
        const said = reasonOf(error)
            .replace(/^invocation of \S+ returned an error: /, "")
            .replaceAll(/\s+/g, " ")
            .replace(/\.$/, "");
        throw new pulumi.RunError(
            `${cloud} must answer for region ${wanted.name}: it says "${said}". ` +
                `Fix: place.zone, which is ${wanted.zone}, or the credentials: ${credentials}; or this computer's network`,
        );
    });
    return pulumi.output(explained).apply(({ images, types }) => ({
        instanceType: warnUnlessOffered(types, wanted),
        imageId: firstImage(images, wanted),
    }));
}

/** The newest; ends the program when there is none. */
function firstImage([image]: Offers["images"], wanted: Wanted): string {
    if (image === undefined) {
        throw new pulumi.RunError(
            `place.image of region ${wanted.name} must match the name of a public image of the cloud: ` +
                `nothing matches ${wanted.image}. Fix: a name from the console's public images, or leave the key ` +
                "out, then the default is taken. It is for new machines: one that exists keeps its own",
        );
    }
    return image.id;
}

/** Warns when a zone does not offer the type that is wanted, and returns that type. */
function warnUnlessOffered(
    offered: readonly InstanceType[],
    { name, instanceType, zone }: Wanted,
): string {
    if (!offered.some(({ type }) => type === instanceType)) {
        const names = offered
            .filter(({ memoryGb, isArm }) => memoryGb >= 1 && !isArm)
            .toSorted((a, b) => a.memoryGb - b.memoryGb || a.cores - b.cores)
            .slice(0, NAMED)
            .map(({ type }) => type);
        const others =
            names.length === 0
                ? "the zone offers nothing at all now, so choose another place.zone"
                : `the smallest that it offers: ${names.join(", ")}`;
        void pulumi.log.warn(
            `place.instanceType of region ${name} must be offered in zone ${zone} to make a machine there: ` +
                `${instanceType} is not; ${others}`,
        );
    }
    return instanceType;
}
