import type { RegionSettings } from "../config/region-settings";
import type { Driver } from "./driver";
import { localDriver } from "./local";

/** Where a relay can run, with the settings that only that place has. */
export type Place = RegionSettings["place"];

const DRIVERS = {
    local: localDriver,
} as const satisfies { [K in Place["driver"]]: (place: Extract<Place, { driver: K }>) => Driver };

/**
 * Finds the driver of a place.
 *
 * @param place The place with its settings.
 * @returns The driver.
 */
export function driverFor(place: Place): Driver {
    return DRIVERS[place.driver](place);
}
