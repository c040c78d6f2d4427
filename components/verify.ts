/** A tailnet whose members may use a relay. */
export interface TailnetSettings {
    /** Name of its tailscaled on the machine. Another name logs in anew. */
    readonly name: string;
    /** Auth key that the machine logs in with, once; a secret. Changing it changes nothing where the machine is logged in. */
    readonly authKey: string;
    /** Control plane; Tailscale's own when there is no other. A change is refused, unless the name is another one as well. */
    readonly loginServer: string;
    /**
     * What its devices have behind their names, such as `yak-bebop.ts.net`; absent when any tailnet will do. Changing it
     * changes nothing where the machine is in that tailnet.
     */
    readonly domain?: string | undefined;
}

/** Which clients may use a relay. */
export type VerifySettings =
    | {
          /** `none`: everybody who finds it. */
          readonly mode: "none";
      }
    | {
          /** `url`: whom an endpoint admits. */
          readonly mode: "url";
          /** The endpoint. */
          readonly url: string;
          /** Whether it lets everybody in while the endpoint cannot be reached. */
          readonly failOpen: boolean;
      }
    | {
          /** `tailscale`: the members of tailnets, as a tailscaled on the machine knows them. */
          readonly mode: "tailscale";
          /** One or more. */
          readonly tailnets: readonly TailnetSettings[];
      };

/** Tailscale's own control plane, which clients dial when nothing else is said. */
export const TAILSCALE_CONTROL = "https://controlplane.tailscale.com";
