import type { RegionSettings } from "../config/region-settings";
import { alicloudDriver } from "./alicloud";
import type { Driver } from "./driver";
import { localDriver } from "./local";
import { serverDriver } from "./server";
import { tencentcloudDriver } from "./tencentcloud";

/** Where a relay can run, with the settings that only that place has. */
export type Place = RegionSettings["place"];

type Name = Place["driver"];

const DRIVERS: { readonly [K in Name]: (place: Extract<Place, { driver: K }>) => Driver } = {
    alicloud: alicloudDriver,
    tencentcloud: tencentcloudDriver,
    server: serverDriver,
    local: localDriver,
};

/**
 * Finds the driver of a place.
 *
 * @param place The place with its settings.
 * @returns The driver.
 */
export function driverFor(place: Place): Driver {
    return (DRIVERS[place.driver] as (place: Place) => Driver)(place);
}
