import { ipv6Of, overIpv6 } from "../../../components/probe/ipv6";
import { probeStun } from "../../../components/probe/stun";
import type { Check } from "../check";

/** Does the relay answer STUN from here? */
export const stun: Check = {
    name: "stun-answers",
    needs: [],
    advice:
        "open the UDP port in the firewall; derper is silent when another program holds it " +
        "(ss -lunp on the machine); networks that block all UDP look the same from here",
    run: probeStun,
};

/** Does it over IPv6, where the map promises it? */
export const stun6: Check = {
    name: "stun-over-ipv6",
    needs: ["stun-answers"],
    advice: "open the UDP port for IPv6 in the firewall of the machine's provider",
    applies: (node) => ipv6Of(node) !== undefined,
    run: overIpv6(probeStun),
};
