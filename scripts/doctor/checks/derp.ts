import { probeDerp } from "../../../components/probe/derp";
import type { Check } from "../check";

/** Can a client log in? */
export const derp: Check = {
    name: "derp-handshake",
    needs: ["derp-probe"],
    advice: "see journalctl -u derper on the machine; a relay that verifies needs its verifier",
    run: probeDerp,
};
