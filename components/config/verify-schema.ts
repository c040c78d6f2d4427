import { z } from "zod";

import { TAILSCALE_CONTROL } from "../verify";
import { RESTARTS, RUNS_AGAIN } from "./changing";
import { field } from "./field";
import { NAME, NAME_IN_WORDS, URL_IN_WORDS, URL_WITH_PATH } from "./patterns";

const url = z.strictObject({
    mode: z.literal("url"),
    url: field(z.string().regex(URL_WITH_PATH), {
        description:
            "Endpoint that says which clients may use the relay, such as headscale's `/verify`. " +
            "When it cannot be reached, new clients are refused. It is no secret: previews show it, and so do " +
            "`relay.env` and the list of processes on the machine, so no token may be in its path.",
        expected: URL_IN_WORDS,
        example: "https://headscale.example.com/verify",
        changing: RESTARTS,
    }),
    failOpen: field(z.boolean().default(false), {
        description:
            "Whether everybody may use the relay while the endpoint cannot be reached. A refusal, and any other answer " +
            "than an admission, stays a refusal.",
        expected: "true or false",
        example: "false",
        changing: RESTARTS,
        default: "false: then nobody new may",
    }),
});

/** Where Tailscale makes auth keys. */
const KEYS = "login.tailscale.com/admin/settings/keys";

const KIND = "one-off (at Tencent Cloud without ssh reusable), pre-approved and with a tag";

const tailnet = z.strictObject({
    authKey: field(z.string().regex(/^[A-Za-z0-9_-]{8,200}$/), {
        description:
            "Auth key that the relay's machine logs in with, once: one-off (at Tencent Cloud without `ssh` reusable, " +
            "because each change makes another machine), pre-approved and with a tag. " +
            "[verify.md](verify.md) says how to make one. Once the machine has logged in, a one-off key is worthless.",
        expected: `an auth key, ${KIND}; make it at ${KEYS} (docs/verify.md)`,
        example: "< auth-key",
        changing: `nothing while the machine is logged in: ${RUNS_AGAIN}`,
        secret: true,
    }),
    name: field(z.string().regex(NAME), {
        description:
            "Name of the tailnet on the machine, unique in the region: its unit is `derp-relay-tailscaled@<name>`.",
        expected: NAME_IN_WORDS,
        example: "home",
        changing: `logs in under the new name, with a new authKey, and forgets the old one; ${RESTARTS}`,
    }),
    loginServer: field(
        z
            .string()
            .regex(/^https?:\/\/[A-Za-z0-9.-]+(:\d{1,5})?$/)
            .default(TAILSCALE_CONTROL),
        {
            description: "Control plane of the tailnet, such as the address of a headscale.",
            expected: "an http or https URL without path, user, query or fragment",
            example: "https://headscale.example.com",
            changing: "only together with a new `name` and a new `authKey`",
            default: "Tailscale's own",
        },
    ),
    domain: field(z.string().regex(/^[a-z0-9-]+(\.[a-z0-9-]+)+$/), {
        description:
            "Domain of the tailnet: what its devices have behind their names. With it, a machine whose authKey is of " +
            "another tailnet logs out again and says so; without it, the log says where the machine has logged in.",
        expected:
            "a domain in lower case: the tailnet's DNS name (login.tailscale.com/admin/dns), or headscale's base_domain",
        example: "yak-bebop.ts.net",
        changing: `nothing on a relay that is in this tailnet: ${RUNS_AGAIN}`,
        default: "none: any tailnet that the key is of",
    }).optional(),
});

const tailscale = z.strictObject({
    // An open relay has to be asked for.
    mode: z.literal("tailscale").default("tailscale"),
    tailnets: field(z.array(tailnet).min(1).max(10), {
        description:
            "Tailnets whose members may use the relay. The machine joins each, with a tailscaled of its own.",
        expected: `a list of 1 to 10 tailnets, each with a name and an authKey; make the key, ${KIND}, at ${KEYS}. Without Tailscale's own check: verify.mode url or none (docs/verify.md)`,
        example: "[{ name: home, authKey: { secure: v1:… } }]",
        changing: `logs in to what is new and forgets what is gone; ${RESTARTS}`,
    }),
});

/** Schema of `verify`. */
export const verifySchema = field(
    z
        .discriminatedUnion("mode", [tailscale, url, z.strictObject({ mode: z.literal("none") })])
        .prefault({ tailnets: [] }),
    {
        description:
            "Which clients may use the relay. `tailscale`: the members of your tailnets, as a tailscaled on the " +
            "machine knows them. `url`: those that an endpoint admits. `none`: everyone who finds it, which has to " +
            "be written out, because open relays are found by scanners and used by strangers.",
        expected:
            '"tailscale" (with verify.tailnets), "url" (with verify.url) or "none" (anyone may use the relay)',
        example: "tailscale",
        changing: RESTARTS,
        default: "`tailscale`, which wants `verify.tailnets`",
    },
);
