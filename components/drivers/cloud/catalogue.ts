import * as pulumi from "@pulumi/pulumi";

/** An instance type that a zone offers. */
export interface InstanceType {
    /** Its name. */
    readonly type: string;
    /** Number of cores. */
    readonly cores: number;
    /** Memory in GB. */
    readonly memoryGb: number;
}

/** How many types a message names. */
const NAMED = 8;

/**
 * Takes the first image of a cloud's answer.
 *
 * @param images What the cloud found.
 * @param wanted What was looked for.
 * @param wanted.name Region that it is for.
 * @param wanted.image Regular expression for its name.
 * @returns ID of the image.
 * @throws {pulumi.RunError} If there is none.
 */
export function firstImage(
    images: readonly { readonly id: string }[],
    wanted: { readonly name: string; readonly image: string },
): string {
    const [image] = images;
    if (image === undefined) {
        throw new pulumi.RunError(
            `place.image of region ${wanted.name} must match the name of a public image of the cloud: ` +
                `nothing matches ${wanted.image}. Fix: leave the key out, then the default is taken`,
        );
    }
    return image.id;
}

/**
 * Warns when a zone does not offer an instance type.
 *
 * @param offered What it offers.
 * @param wanted The type that is wanted, and where.
 * @param wanted.name Region that it is for.
 * @param wanted.instanceType The type.
 * @param wanted.zone The zone.
 * @returns The type.
 */
export function warnUnlessOffered(
    offered: readonly InstanceType[],
    wanted: { readonly name: string; readonly instanceType: string; readonly zone: string },
): string {
    const { name, instanceType, zone } = wanted;
    if (!offered.some(({ type }) => type === instanceType)) {
        const names = offered
            .filter(({ memoryGb }) => memoryGb >= 1)
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
