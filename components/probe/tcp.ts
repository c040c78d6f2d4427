import { connect } from "node:net";

import type { DerpNode } from "../derp-map/types";
import { derpPort, probing, type ProbeResult, within } from "./probe";

/**
 * Does the relay's DERP port accept connections?
 *
 * @param node The relay.
 * @param timeoutMs Limit in milliseconds.
 * @returns The result.
 */
export function probeTcp(node: DerpNode, timeoutMs: number): Promise<ProbeResult> {
    const where = `${node.IPv4}:${String(derpPort(node))}/tcp`;
    const begun = performance.now();
    const socket = connect({ host: node.IPv4, port: derpPort(node) });
    return probing(() =>
        within<ProbeResult>(
            timeoutMs,
            `no connection to ${where}`,
            (resolve, reject) => {
                socket.once("connect", () => {
                    const took = Math.round(performance.now() - begun);
                    resolve({
                        ok: true,
                        detail: `${where} accepts connections in ${String(took)} ms`,
                    });
                });
                socket.once("error", (error) => {
                    reject(new Error(`${where}: ${error.message}`));
                });
            },
            () => socket.destroy(),
        ),
    );
}
