import type { Check } from "../check";
import { derp } from "./derp";
import { dns } from "./dns";
import { captivePortal, latencyPath, page } from "./http";
import { stun } from "./stun";
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
    stun,
    captivePortal,
];
