import { createHash } from "node:crypto";

import { CloudError } from "./errors";
import type { CloudData } from "./store";
import { type CloudObject, isOfType, type Properties } from "./types";

/** Replaces the range that public addresses come from. */
const ADDRESSES_VARIABLE = "DERP_RELAY_STAND_IN_ADDRESSES";
const ADDRESSES_IN_RANGE = 254;

/** Who asks a cloud, and where. */
export interface Place {
    readonly account: string;
    readonly region: string;
}

/** What an account sees of a cloud in a region: its own objects, and those without a region. */
export class CloudView {
    public readonly region: string;
    readonly #account: string;
    readonly #data: CloudData;
    readonly #domains: readonly string[];

    public constructor(data: CloudData, place: Place, domains: readonly string[]) {
        this.#data = data;
        this.#account = place.account;
        this.region = place.region;
        this.#domains = domains;
    }

    /** The objects of a kind, here. */
    public all(type: string): CloudObject[] {
        return this.everywhere(type).filter(
            ({ region }) => region === this.region || region === "",
        );
    }

    /** The objects of a kind in all regions of the account. */
    public everywhere(type: string): CloudObject[] {
        return this.#data.objects.filter(
            (object) => object.account === this.#account && isOfType(object.type, type),
        );
    }

    /** An object by its id, or undefined. */
    public find(type: string, id: unknown): CloudObject | undefined {
        return this.all(type).find((object) => object.id === id);
    }

    /**
     * An object by its id.
     *
     * @throws {CloudError} When there is none, with the code.
     */
    public get(type: string, id: unknown, code: string): CloudObject {
        const found = this.find(type, id);
        if (found === undefined) {
            throw new CloudError(
                code,
                `The specified ${type} does not exist: ${JSON.stringify(id)}.`,
            );
        }
        return found;
    }

    /** Whether the account has the zone of a domain. */
    public hasDomain(domain: string): boolean {
        return this.#domains.includes(domain);
    }

    /** Adds an object. */
    public add(
        object: Pick<CloudObject, "type" | "id" | "inputs" | "facts">,
        regionless = false,
    ): CloudObject {
        const region = regionless ? "" : this.region;
        const sequence = this.#next();
        const added: CloudObject = { ...object, account: this.#account, region, sequence };
        this.#data.objects.push(added);
        return added;
    }

    /** Takes an object away. */
    public remove(object: CloudObject): void {
        this.#data.objects.splice(this.#data.objects.indexOf(object), 1);
    }

    /**
     * An id that no object had before: the same in every run, so that failures can be repeated.
     *
     * @param prefix What the cloud begins such ids with.
     * @param length How many characters follow.
     */
    public newId(prefix: string, length: number): string {
        const digest = createHash("sha256")
            .update(`${prefix}${String(this.#next())}`)
            .digest();
        return (
            prefix +
            BigInt(`0x${digest.toString("hex")}`)
                .toString(36)
                .slice(0, length)
        );
    }

    /** A number that was not given before. */
    public newNumber(): number {
        return this.#next();
    }

    /**
     * A public address that is free.
     *
     * @param range The cloud's range, such as `203.0.113`.
     * @param code Of the error when all are taken.
     */
    public newAddress(range: string, code: string): string {
        const taken = new Set(this.#data.objects.map(({ facts }) => facts.address));
        const free = addresses(range).find((address) => !taken.has(address));
        if (free === undefined) {
            throw new CloudError(code, "There is no free public address in this region.");
        }
        return free;
    }

    #next(): number {
        this.#data.sequence += 1;
        return this.#data.sequence;
    }
}

function addresses(range: string): string[] {
    const given = process.env[ADDRESSES_VARIABLE] ?? "";
    return given === ""
        ? Array.from({ length: ADDRESSES_IN_RANGE }, (_, index) => `${range}.${String(index + 1)}`)
        : given.split(",").map((address) => address.trim());
}

/** Copies properties, leaving out those that are undefined. */
export function compact(properties: Properties): Properties {
    return Object.fromEntries(
        Object.entries(properties).filter(([, value]) => value !== undefined),
    );
}
