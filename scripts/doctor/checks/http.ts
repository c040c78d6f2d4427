import { probeCaptivePortal, probeLatencyPath, probePage } from "../../../components/probe/http";
import type { Check } from "../check";

/** Is it derper that answers? */
export const page: Check = {
    name: "http-page",
    needs: ["tls-certificate"],
    advice: "something else answers on the relay's port: look with ss -ltnp on the machine",
    run: probePage,
};

/** Does the latency probe of clients without UDP work? */
export const latencyPath: Check = {
    name: "derp-probe",
    needs: ["http-page"],
    advice: "something between here and derper changes requests: clients need it without a proxy",
    run: probeLatencyPath,
};

/** Does the captive-portal check work, where the map promises it? */
export const captivePortal: Check = {
    name: "captive-portal",
    needs: [],
    advice: "open TCP 80, or set ports.http to -1 so that the derpMap does not promise it",
    applies: ({ CanPort80 }) => CanPort80 === true,
    run: probeCaptivePortal,
};
