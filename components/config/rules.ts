import type { BrokenRule } from "./broken-rule";
import { checkRegionCertificate } from "./certificate-rules";
import { checkCredentials, type Environment } from "./credentials";
import { SSH_PORT } from "../ports";
import { isLocalAddress, localAddress } from "./local-address";
import { isCloud } from "./place-schema";
import type { RegionConfig } from "./schema";
import { checkVerify } from "./verify-rules";

/** What the rules need to know beside the configuration. */
export interface RuleContext {
    /** Time of the check, for certificates. */
    readonly now: Date;
    /** Environment in which the clouds' credentials may be. */
    readonly env: Environment;
}

/**
 * Checks what no single value shows: uniqueness, and values that must fit each other.
 *
 * @param regions Regions whose single values are right; undefined stands for one where they are not.
 * @param context What else counts.
 * @returns Every broken rule.
 */
export function checkRules(
    regions: readonly (RegionConfig | undefined)[],
    context: RuleContext,
): readonly BrokenRule[] {
    return [
        ...checkUnique(regions, "regionId", (region) => region.regionId),
        ...checkUnique(regions, "name", (region) => region.name),
        ...checkUnique(regions, "regionCode", (region) => region.regionCode ?? region.name),
        ...checkUnique(regions, "hostname", (region) => region.hostname),
        ...checkUnique(regions, "place.address", knownAddress),
        ...checkUnique(regions, "place.ipv6Address", ({ place }) =>
            place.driver === "server" ? place.ipv6Address : undefined,
        ),
        ...regions.flatMap((region, index) =>
            region === undefined
                ? []
                : checkRegion(region, context).map((rule) => ({
                      ...rule,
                      path: [index, ...rule.path],
                  })),
        ),
    ];
}

function checkRegion(region: RegionConfig, { now, env }: RuleContext): BrokenRule[] {
    return [
        ...checkPorts(region),
        ...checkBandwidth(region),
        ...checkDns(region),
        ...checkRegionCertificate(region, knownAddress(region), now),
        ...checkVerify(region),
        ...checkCredentials(region, env),
    ];
}

/** Where the address is known before anything exists. */
function knownAddress({ regionId, place }: RegionConfig): string | undefined {
    switch (place.driver) {
        case "local":
            return localAddress(regionId, place.address);
        case "server":
            return place.address;
        case "alicloud":
        case "tencentcloud":
            return undefined;
    }
}

function checkUnique(
    regions: readonly (RegionConfig | undefined)[],
    key: string,
    read: (region: RegionConfig) => string | number | undefined,
): BrokenRule[] {
    const owners = new Map<string | number, string>();
    return regions.flatMap((region, index) => {
        if (region === undefined) return [];
        const value = read(region);
        const owner = value === undefined ? undefined : owners.get(value);
        if (value === undefined || owner === undefined) {
            if (value !== undefined) owners.set(value, region.name);
            return [];
        }
        return [
            {
                path: [index, ...key.split(".")],
                reason: `must be unique: ${String(value)} is already used by region ${owner}`,
                better: another(key, value, new Set(regions.map((each) => each && read(each)))),
            },
        ];
    });
}

/** Something else of the same kind; where only the user knows, a word that the next preview refuses. */
function another(key: string, value: string | number, used: ReadonlySet<unknown>): string {
    const first = (options: readonly (string | number)[]) =>
        String(options.find((each) => !used.has(each)) ?? "ANOTHER");
    const ids = Array.from({ length: 100 }, (_, step) => 900 + step);
    const numbers = Array.from({ length: 99 }, (_, step) => String(step + 2));
    switch (key) {
        case "regionId":
            return first(ids);
        case "hostname":
            return first(numbers.map((each) => String(value).replace(/^[^.]+/, `$&-${each}`)));
        case "place.address":
        case "place.ipv6Address":
            return isLocalAddress(String(value))
                ? first(ids.map((id) => localAddress(id)))
                : "ANOTHER_ADDRESS";
        default:
            return first(numbers.map((each) => `${String(value).slice(0, 17)}-${each}`));
    }
}

function checkPorts({ ports, place }: RegionConfig): BrokenRule[] {
    // Images of clouds come with an sshd, whether anybody may use it or not.
    const sshPort = place.driver === "server" ? place.sshPort : isCloud(place) ? SSH_PORT : 0;
    const taken = (["derp", "http"] as const).filter((key) => ports[key] === sshPort);
    return [
        ...taken.map((key) => ({
            path: ["ports", key],
            reason: `must differ from the port of SSH: both are ${String(sshPort)}`,
        })),
        ...(ports.derp === ports.http
            ? [
                  {
                      path: ["ports", "http"],
                      reason: `must differ from ports.derp: both are ${String(ports.http)}`,
                      better: ports.derp === 80 ? "-1" : "80",
                  },
              ]
            : []),
    ];
}

/** Most that the clouds give an address, in Mbit/s. */
const MOST_MBPS = { traffic: 200, bandwidth: 500, tencentcloud: 100 } as const;

function checkBandwidth({ place, bandwidthMbps = 1 }: RegionConfig): BrokenRule[] {
    if (!isCloud(place)) {
        return [];
    }
    const most = MOST_MBPS[place.driver === "alicloud" ? place.internetCharge : place.driver];
    return Number.isInteger(bandwidthMbps) && bandwidthMbps <= most
        ? []
        : [
              {
                  path: ["bandwidthMbps"],
                  reason: `must be an integer from 1 to ${String(most)} in this cloud: got ${String(bandwidthMbps)}`,
                  better: String(Math.min(most, Math.ceil(bandwidthMbps))),
              },
          ];
}

/** Country codes under which domains have three parts, such as `example.com.cn`. */
const LONG_DOMAIN = /\.(ac|co|com|edu|gov|net|org)\.[a-z]{2}$/;

/** Most likely what somebody registered. */
function domainOf(hostname: string): string {
    return hostname
        .split(".")
        .slice(LONG_DOMAIN.test(hostname) ? -3 : -2)
        .join(".");
}

function checkDns({ hostname, dns }: RegionConfig): BrokenRule[] {
    if (dns === undefined) {
        return [];
    }
    const { zone } = dns;
    if (hostname === undefined) {
        const reason = `must be given with dns: a name in ${zone}`;
        return [{ path: ["hostname"], reason: `${reason}, got nothing`, better: `derp.${zone}` }];
    }
    if (hostname === zone || hostname.endsWith(`.${zone}`)) {
        return [];
    }
    return [
        {
            path: ["dns", "zone"],
            reason: `must be the domain of the hostname ${hostname}: got ${zone}`,
            better: domainOf(hostname),
        },
    ];
}
