declare const regionIdBrand: unique symbol;

/**
 * A DERP region ID that is safe to publish: an integer from 900 to 999.
 *
 * Tailscale reserves that range for self-hosted regions; any other ID can
 * silently replace one of Tailscale's own.
 *
 * @see https://github.com/tailscale/tailscale/blob/de9ec7e/tailcfg/derpmap.go#L68-L77
 */
export type RegionId = number & { readonly [regionIdBrand]: true };

const FIRST_ID = 900;
const LAST_ID = 999;

/**
 * Checks a number and narrows it to a {@link RegionId}.
 *
 * @param value The number from the user's configuration.
 * @returns The same number, as a `RegionId`.
 * @throws {RangeError} If the number is not an integer from 900 to 999.
 */
export function parseRegionId(value: number): RegionId {
    if (!Number.isInteger(value) || value < FIRST_ID || value > LAST_ID) {
        throw new RangeError(
            `regionId must be an integer from ${String(FIRST_ID)} to ${String(LAST_ID)}, ` +
                `the range Tailscale leaves to self-hosted relays: got ${String(value)}`,
        );
    }
    return value as RegionId;
}
