import { resolve4 } from "node:dns/promises";
import { isIP } from "node:net";

import type { DerpNode } from "../../../components/derp-map/types";
import { probing, type ProbeResult, within } from "../../../components/probe/probe";
import type { Check } from "../check";

/** Does the relay's name lead to its address? */
export const dns: Check = {
    name: "dns-resolves",
    needs: [],
    advice: "make an A record of the name with the relay's address and wait for the old one's TTL",
    applies: ({ HostName }) => isIP(HostName) === 0,
    run: probeDns,
};

function probeDns({ HostName, IPv4 }: DerpNode, timeoutMs: number): Promise<ProbeResult> {
    return probing(async () => {
        const found = await within<string[]>(timeoutMs, "no answer from DNS", (resolve, reject) => {
            resolve4(HostName).then(resolve, reject);
        });
        return found.includes(IPv4)
            ? { ok: true, detail: `${HostName} is ${IPv4}` }
            : { ok: false, reason: `${HostName} must be ${IPv4}: DNS says ${found.join(", ")}` };
    });
}
