import { isDeepStrictEqual } from "node:util";

import type { dynamic } from "@pulumi/pulumi";

import type { DerpNode } from "../derp-map/types";
import { waitUntilServing } from "../probe/wait-until-serving";

/** What Pulumi keeps of a check. */
interface RelayCheckState {
    readonly node: DerpNode;
    readonly address?: string;
    readonly machineId: string;
    readonly digest?: string;
}

/** How long a relay may take to answer, in seconds: its installer has said that it serves. */
const LIMIT_SECONDS = 120;

/** What has it checked again. Without a digest, a machine is checked once: its first address may be another's by now. */
function keysOf({ digest }: RelayCheckState) {
    return digest === undefined
        ? (["machineId"] as const)
        : (["node", "machineId", "digest"] as const);
}

async function check({ address, ...state }: RelayCheckState, limitSeconds: number): Promise<void> {
    const node = address === undefined ? state.node : { ...state.node, IPv4: address };
    const skipped = await waitUntilServing(node, {
        timeoutMs: limitSeconds * 1000,
        onAttempt: (reason) => process.stdout.write(`waiting for ${node.IPv4}: ${reason}\n`),
    });
    for (const detail of skipped) {
        process.stdout.write(`${node.HostName} was not checked over IPv6: ${detail}\n`);
    }
}

/**
 * What `pulumi.dynamic.Resource` calls for a `RelayCheck`.
 *
 * @param limitSeconds How long a relay may take to answer, in seconds.
 * @returns The provider.
 */
export const makeProvider = (limitSeconds: number) => ({
    diff(_id: string, olds: RelayCheckState, news: RelayCheckState): Promise<dynamic.DiffResult> {
        return Promise.resolve({
            changes: keysOf(news).some((key) => !isDeepStrictEqual(olds[key], news[key])),
        });
    },

    async create(inputs: RelayCheckState): Promise<dynamic.CreateResult> {
        await check(inputs, limitSeconds);
        return { id: inputs.node.Name, outs: inputs };
    },

    read(id: string, props: RelayCheckState): Promise<dynamic.ReadResult> {
        return Promise.resolve({ id, props });
    },

    async update(
        _id: string,
        olds: RelayCheckState,
        news: RelayCheckState,
    ): Promise<dynamic.UpdateResult> {
        await check(news, limitSeconds);
        const isServed = news.digest !== undefined;
        if (isServed && olds.node.CertName !== news.node.CertName) {
            process.stdout.write(
                `${news.node.HostName} has another certificate: publish the new derpMap now. ` +
                    "Clients that have the old one cannot connect until then\n",
            );
        }
        return { outs: news };
    },

    delete(): Promise<void> {
        return Promise.resolve();
    },
});

/** The one of this project's relays. */
export const provider = makeProvider(LIMIT_SECONDS);
