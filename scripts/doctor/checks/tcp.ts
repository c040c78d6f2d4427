import { probeTcp } from "../../../components/probe/tcp";
import type { Check } from "../check";

/** Does the DERP port accept connections? */
export const tcp: Check = {
    name: "tcp-connects",
    needs: [],
    advice: "open the port in the firewall and see whether derper runs: systemctl status derper",
    run: probeTcp,
};
