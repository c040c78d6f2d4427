import { isIPv4, isIPv6 } from "node:net";

import { type Problem, snakeCase } from "./arguments";
import type { Properties } from "./types";
import { isUnknown } from "./values";

/** A rule about the arguments of a resource that their types cannot say. */
export type Rule = (inputs: Properties) => Problem[];

/** A rule about the value of an argument, which does not apply while it is absent or unknown. */
function about(
    name: string,
    isGood: (value: unknown) => boolean,
    reason: (value: string) => string,
): Rule {
    return (inputs) => {
        const value = inputs[name];
        return value === undefined || isUnknown(value) || isGood(value)
            ? []
            : [
                  {
                      path: name,
                      reason: reason(typeof value === "string" ? value : JSON.stringify(value)),
                  },
              ];
    };
}

/** An argument that must be one of these. */
export function oneOf(name: string, ...values: readonly (string | number)[]): Rule {
    const list = values.map((value) => JSON.stringify(value)).join(" ");
    return about(
        name,
        (value) => values.includes(value as string),
        (value) => `expected ${snakeCase(name)} to be one of [${list}], got ${value}`,
    );
}

/** An argument that must be a number between two. */
export function between(name: string, first: number, last: number): Rule {
    return about(
        name,
        (value) => Number(value) >= first && Number(value) <= last,
        (value) =>
            `expected ${snakeCase(name)} to be in the range (${String(first)} - ${String(last)}), got ${value}`,
    );
}

/** An argument that must look like this. */
export function matches(name: string, pattern: RegExp, reason: string): Rule {
    return about(
        name,
        (value) => pattern.test(String(value)),
        (value) => `${reason}: ${value}`,
    );
}

/** An argument that must be an IPv4 network whose address has no bit set beyond its prefix. */
export function cidr4(name: string): Rule {
    return about(
        name,
        isCidr4,
        (value) => `${snakeCase(name)} must be an IPv4 CIDR block: ${value}`,
    );
}

/** An argument that must be an IPv6 network. */
export function cidr6(name: string): Rule {
    return about(
        name,
        isCidr6,
        (value) => `${snakeCase(name)} must be an IPv6 CIDR block: ${value}`,
    );
}

/** Arguments of which at least one must be there. */
export function atLeastOneOf(...names: readonly string[]): Rule {
    const list = names.map(snakeCase).join(",");
    return (inputs) =>
        names.some((name) => inputs[name] !== undefined)
            ? []
            : [{ path: names[0] ?? "", reason: `one of \`${list}\` must be specified` }];
}

/** Arguments of which at most one may be there. */
export function atMostOneOf(...names: readonly string[]): Rule {
    return (inputs) => {
        const [first = "", second] = names.filter((name) => inputs[name] !== undefined);
        return second === undefined
            ? []
            : [
                  {
                      path: first,
                      reason: `Conflicting configuration arguments. "${snakeCase(first)}": conflicts with ${snakeCase(second)}`,
                  },
              ];
    };
}

/** A rule of another kind, which is asked only when all these arguments are there and known. */
export function when(
    names: readonly string[],
    rule: (inputs: Properties) => string | undefined,
): Rule {
    return (inputs) => {
        const known = names.every((name) => inputs[name] !== undefined && !isUnknown(inputs[name]));
        const reason = known ? rule(inputs) : undefined;
        return reason === undefined ? [] : [{ path: names[0] ?? "", reason }];
    };
}

/** Whether a value is an IPv4 network, such as `10.0.0.0/8`. */
function isCidr4(value: unknown): boolean {
    const network = toNetwork(value);
    return network !== undefined && (network.first & ~network.mask) === 0;
}

function isCidr6(value: unknown): boolean {
    const [address = "", length] = String(value).split("/");
    return isIPv6(address) && length !== undefined && /^\d+$/.test(length) && Number(length) <= 128;
}

/** A network as numbers. */
export interface Network {
    readonly first: number;
    readonly mask: number;
    readonly length: number;
}

const BITS = 32;

/** Reads an IPv4 network; undefined when it is none. */
export function toNetwork(value: unknown): Network | undefined {
    const [address = "", length = ""] = String(value).split("/");
    if (!isIPv4(address) || !/^\d{1,2}$/.test(length) || Number(length) > BITS) {
        return undefined;
    }
    const first = address.split(".").reduce((sum, part) => (sum << 8) | Number(part), 0);
    // A shift by 32 bits shifts by none.
    const mask = Number(length) === 0 ? 0 : -1 << (BITS - Number(length));
    return { first, mask, length: Number(length) };
}

/** Whether one network lies in another. */
export function isWithin(inner: unknown, outer: unknown): boolean {
    const [small, large] = [toNetwork(inner), toNetwork(outer)];
    return (
        small !== undefined &&
        large !== undefined &&
        small.length >= large.length &&
        (small.first & large.mask) === (large.first & large.mask)
    );
}

/** Whether two networks have addresses in common. */
export function overlaps(one: unknown, other: unknown): boolean {
    return isWithin(one, other) || isWithin(other, one);
}

/** The address at a position of a network. */
export function addressIn(cidr: string, position: number): string {
    const first = (toNetwork(cidr)?.first ?? 0) + position;
    return [24, 16, 8, 0].map((shift) => String((first >>> shift) & 255)).join(".");
}
