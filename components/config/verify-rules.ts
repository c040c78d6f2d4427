import { TAILSCALE_CONTROL, type TailnetSettings } from "../verify";
import type { BrokenRule } from "./broken-rule";
import type { RegionConfig } from "./schema";

/**
 * Checks what no single value shows of a region's tailnets. Keys are compared, and never part of a reason.
 *
 * @param region The region.
 * @returns Every broken rule.
 */
export function checkVerify({ verify }: RegionConfig): BrokenRule[] {
    if (verify.mode !== "tailscale") {
        return [];
    }
    return verify.tailnets.flatMap((tailnet, index) => {
        const before = verify.tailnets.slice(0, index);
        return [...checkKey(tailnet, before), ...checkName(tailnet, before)].map((rule) => ({
            ...rule,
            path: ["verify", "tailnets", index, ...rule.path],
        }));
    });
}

function checkName({ name }: TailnetSettings, before: readonly TailnetSettings[]): BrokenRule[] {
    return before.some((other) => other.name === name)
        ? [
              {
                  path: ["name"],
                  reason: `must be unique in the region: ${name} is taken`,
                  better: `${name}-2`,
              },
          ]
        : [];
}

function checkKey(
    { authKey, loginServer }: TailnetSettings,
    before: readonly TailnetSettings[],
): BrokenRule[] {
    const twin = before.find((other) => other.authKey === authKey);
    if (twin !== undefined) {
        const reason = `must be another one for each tailnet: tailnet ${twin.name} has the same`;
        return [{ path: ["authKey"], reason }];
    }
    return loginServer !== TAILSCALE_CONTROL || /^tskey-auth-\w+-\w+$/.test(authKey)
        ? []
        : [
              {
                  path: ["authKey"],
                  reason:
                      "must be an auth key of Tailscale (tskey-auth-…, docs/verify.md): got a key of another kind. " +
                      "The key of another control plane needs its loginServer",
              },
          ];
}
