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
