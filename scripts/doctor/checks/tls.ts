import { probeTls } from "../../../components/probe/tls";
import type { Check } from "../check";

/** Is the certificate the one that clients expect, and still valid? */
export const tls: Check = {
    name: "tls-certificate",
    needs: ["tcp-connects"],
    advice:
        "pinned or provided: run pulumi up, which brings the certificate and the derpMap in line, then publish the map; " +
        "ordered or in files: the section below says where to look",
    run: probeTls,
};
