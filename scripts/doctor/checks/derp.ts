import { probeDerp } from "../../../components/probe/derp";
import { ipv6Of, overIpv6 } from "../../../components/probe/ipv6";
import type { Check } from "../check";

/** Can a client log in? */
export const derp: Check = {
    name: "derp-handshake",
    needs: ["derp-probe"],
    advice: "see journalctl -u derper on the machine; a relay that verifies needs its verifier",
    run: probeDerp,
};

/** Can a client log in over IPv6, where the map promises it? */
export const derp6: Check = {
    name: "derp-over-ipv6",
    needs: ["derp-handshake"],
    advice:
        "see whether the machine has the address (ip -6 address), and open the TCP port for IPv6 in its " +
        "provider's firewall",
    applies: (node) => ipv6Of(node) !== undefined,
    run: overIpv6(probeDerp),
};
