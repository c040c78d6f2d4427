import { createSocket } from "node:dgram";
import { isIPv6 } from "node:net";

import type { DerpNode } from "../derp-map/types";
import { isPublicIpv6 } from "../ipv6-address";
import type { Probe, ProbeAt } from "./probe";

/** Any port: nothing is sent to it. */
const ANY_PORT = 9;

/**
 * The IPv6 address that clients dial without asking DNS.
 *
 * @param node The relay.
 * @returns The address; undefined when it has none, or clients are not to try.
 */
export function ipv6Of({ IPv6 = "" }: DerpNode): string | undefined {
    return isIPv6(IPv6) ? IPv6 : undefined;
}

/**
 * Asks over IPv6 what another probe asks over IPv4. A computer without IPv6 skips it: that is no failure
 * of the relay.
 *
 * @param probe The other probe.
 * @returns The probe.
 */
export function overIpv6(probe: ProbeAt): Probe {
    return async (node, timeoutMs) => {
        const address = ipv6Of(node);
        if (address === undefined) {
            return { ok: true, detail: "the relay has no IPv6 address" };
        }
        const { source, code } = await wayTo(address);
        if (source === undefined) {
            return { ok: true, skipped: true, detail: `this computer has no IPv6 (${code})` };
        }
        const result = await probe(node, timeoutMs, address);
        if (result.ok) {
            return result;
        }
        const detail = `this computer has only a private IPv6 address (${source})`;
        return isPublicIpv6(source)
            ? { ok: false, reason: `over IPv6: ${result.reason}` }
            : { ok: true, skipped: true, detail };
    };
}

/** The address that this computer would send from, or the code of the error, such as ENETUNREACH, when it cannot. */
type Way =
    | { readonly source: string; readonly code?: never }
    | { readonly source?: never; readonly code: string };

/** Asks the kernel, and sends nothing. */
function wayTo(address: string): Promise<Way> {
    const socket = createSocket("udp6");
    return new Promise<Way>((resolve) => {
        socket.once("error", ({ code = "no code" }: NodeJS.ErrnoException) => {
            resolve({ code });
        });
        socket.once("connect", () => {
            resolve({ source: socket.address().address });
        });
        socket.connect(ANY_PORT, address);
    }).finally(() => {
        socket.close();
    });
}
