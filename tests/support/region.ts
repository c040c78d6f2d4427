import type { ConfigSource } from "../../components/config/parse";
import { reasonOf } from "../../components/reason-of";
import { makeCertificate, type PemPair } from "./certificates";

let pair: PemPair | undefined;

/**
 * One certificate for all tests that only need a good one.
 *
 * @returns A self-signed certificate for 10.90.0.101.
 */
export function goodCertificate(): PemPair {
    pair ??= makeCertificate({ name: "IP:10.90.0.101" });
    return pair;
}

/**
 * The raw configuration of a region without a fault.
 *
 * @param changes Keys to set differently; undefined removes one.
 * @returns What Pulumi would hand over after parsing JSON.
 */
export function rawRegion(changes: Readonly<Record<string, unknown>> = {}): unknown {
    const region = {
        name: "hangzhou",
        regionId: 901,
        place: { driver: "local" },
        certificate: { mode: "provided", ...goodCertificate() },
        verify: { mode: "none" },
        ...changes,
    };
    return JSON.parse(JSON.stringify(region));
}

/**
 * Where a test's configuration comes from.
 *
 * @param changes What is different from a stack with secrets, without credentials of any cloud.
 * @returns What `parseRegions` wants to know.
 */
export function source(changes: Partial<ConfigSource> = {}): ConfigSource {
    return {
        key: "derp:regions",
        stack: "test",
        otherKeys: [],
        isEncrypted: () => true,
        now: new Date(),
        env: {},
        ...changes,
    };
}

/**
 * What somebody is told whose configuration is wrong.
 *
 * @param work Reads the configuration.
 * @returns The message of its error; empty when there is none.
 */
export function messageOf(work: () => unknown): string {
    try {
        work();
    } catch (error) {
        return reasonOf(error);
    }
    return "";
}
