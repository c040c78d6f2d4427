import { resolve4, resolve6 } from "node:dns/promises";
import { isIP } from "node:net";

import type { DerpNode } from "../../../components/derp-map/types";
import { ipv6Of } from "../../../components/probe/ipv6";
import { probing, type ProbeResult, within } from "../../../components/probe/probe";
import type { Check } from "../check";

const NO_ANSWER = "no answer from DNS";

/** Does the relay's name lead to its addresses? */
export const dns: Check = {
    name: "dns-resolves",
    needs: [],
    advice:
        "make an A record of the name with the relay's address, an AAAA record where it has an IPv6 address, and wait " +
        "for the old ones' TTL",
    applies: ({ HostName }) => isIP(HostName) === 0,
    run: probeDns,
};

function probeDns(node: DerpNode, timeoutMs: number): Promise<ProbeResult> {
    const { HostName, IPv4 } = node;
    const ipv6 = ipv6Of(node);
    return probing(async () => {
        const records = [
            { address: IPv4, resolve: resolve4 },
            ...(ipv6 === undefined ? [] : [{ address: ipv6, resolve: resolve6 }]),
        ];
        for (const { address, resolve: lookUp } of records) {
            const found = await within<string[]>(timeoutMs, NO_ANSWER, (resolve, reject) => {
                lookUp(HostName).then(resolve, reject);
            });
            if (!found.includes(address)) {
                const reason = `${HostName} must be ${address}: DNS says ${found.join(", ")}`;
                return { ok: false, reason };
            }
        }
        const addresses = records.map(({ address }) => address);
        return { ok: true, detail: `${HostName} is ${addresses.join(" and ")}` };
    });
}
