import * as pulumi from "@pulumi/pulumi";

import { shortIpv6 } from "../../ipv6-address";
import { replaceCommand, upCommand } from "../../pulumi-command";

/** Whose address is looked for. */
interface Seeker {
    /** Name of the region. */
    readonly name: string;
    /** URN of the machine. */
    readonly urn: string;
    /** Options of the `up` that looks again. */
    readonly again?: string;
}

/**
 * IPv6 address of a machine that was made with one.
 *
 * @param addresses What the cloud shows; a provider may know of none.
 * @param seeker Whose it is, for the error.
 * @returns The first, in its shortest form.
 * @throws {pulumi.RunError} If the cloud shows none.
 */
export function shownAddress(
    addresses: readonly string[] | undefined,
    { name, urn, again }: Seeker,
): string {
    const [address] = addresses ?? [];
    if (address === undefined) {
        const lookAgain = again === undefined ? upCommand() : upCommand(again);
        throw new pulumi.RunError(
            `the machine of region ${name} must have an IPv6 address: the cloud shows none. Fix: run ${lookAgain}; ` +
                `if that does not help, leave out place.ipv6, or set another place.instanceType and run ${replaceCommand(urn)}`,
        );
    }
    return shortIpv6(address);
}
