import { randomUUID } from "node:crypto";
import { appendFileSync, existsSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { mkdir } from "node:fs/promises";
import { join } from "node:path";

import { lock } from "proper-lockfile";

import {
    type CloudObject,
    type Fault,
    isOfType,
    type Operation,
    type OperationName,
} from "./types";

/** Names the folder in which the clouds of a test are. */
export const FOLDER_VARIABLE = "DERP_RELAY_STAND_IN";
/** Domains that every account has, until a test says otherwise. */
const DOMAINS = ["example.com", "example.cn"];

/** A cloud's memory. */
export interface CloudData {
    sequence: number;
    /** Grows with every change. */
    version: number;
    objects: CloudObject[];
}

/** The files of all clouds of a test, which several processes use at once. */
export class Store {
    readonly #folder: string;

    public constructor(folder: string) {
        this.#folder = folder;
    }

    /**
     * Keeps everybody else out while something is done.
     *
     * @param work What to do; it must not wait, for the lock has a limit.
     * @returns What the work returns.
     */
    public async exclusively<T>(work: () => T): Promise<T> {
        await mkdir(this.#folder, { recursive: true });
        const release = await lock(this.#folder, {
            lockfilePath: join(this.#folder, "stand-in.lock"),
            realpath: false,
            retries: { forever: true, minTimeout: 10, maxTimeout: 100 },
        });
        try {
            return work();
        } finally {
            await release();
        }
    }

    /** What a cloud remembers. */
    public load(cloud: string): CloudData {
        return this.#read(`${cloud}.json`, { sequence: 0, version: 0, objects: [] });
    }

    public save(cloud: string, data: CloudData): void {
        data.version += 1;
        this.#write(`${cloud}.json`, data);
    }

    /** Domains whose DNS zone the accounts of the test have. */
    public get domains(): string[] {
        return this.#read("domains.json", DOMAINS);
    }

    public set domains(domains: string[]) {
        this.#write("domains.json", domains);
    }

    public get faults(): Fault[] {
        return this.#read("faults.json", []);
    }

    public set faults(faults: Fault[]) {
        this.#write("faults.json", faults);
    }

    /** The first fault that waits for an operation; one of its times is used up. */
    public takeFault(operation: OperationName, token: string, subject: string): Fault | undefined {
        const { faults } = this;
        const index = faults.findIndex(
            (fault) =>
                fault.operation === operation &&
                isOfType(token, fault.type) &&
                (fault.subject === undefined || fault.subject === subject) &&
                (fault.times ?? 1) > 0,
        );
        const fault = faults[index];
        if (fault?.times !== undefined) {
            this.faults = faults.with(index, { ...fault, times: fault.times - 1 });
        }
        return fault;
    }

    public log(operation: Operation): void {
        appendFileSync(this.#path("operations.jsonl"), `${JSON.stringify(operation)}\n`);
    }

    public get operations(): Operation[] {
        const file = this.#path("operations.jsonl");
        const lines = existsSync(file) ? readFileSync(file, "utf8").trim().split("\n") : [];
        return lines.filter((line) => line !== "").map((line) => JSON.parse(line) as Operation);
    }

    #path(name: string): string {
        return join(this.#folder, name);
    }

    #read<T>(name: string, otherwise: T): T {
        const file = this.#path(name);
        return existsSync(file) ? (JSON.parse(readFileSync(file, "utf8")) as T) : otherwise;
    }

    /** In one step: whoever reads, also without the lock, sees the old file or the new one. */
    #write(name: string, content: unknown): void {
        const draft = this.#path(`.${name}.${randomUUID()}`);
        writeFileSync(draft, JSON.stringify(content, null, 4));
        renameSync(draft, this.#path(name));
    }
}
