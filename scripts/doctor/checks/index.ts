import type { Check } from "../check";
import { derp, derp6 } from "./derp";
import { dns } from "./dns";
import { captivePortal, latencyPath, page } from "./http";
import { stun, stun6 } from "./stun";
import { tcp } from "./tcp";
import { tls } from "./tls";

/** Every check, each after those that it needs. */
export const CHECKS: readonly Check[] = [
    dns,
    tcp,
    tls,
    page,
    latencyPath,
    derp,
    derp6,
    stun,
    stun6,
    captivePortal,
];
