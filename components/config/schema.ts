import { z } from "zod";

import { STANDARD_PORTS } from "../ports";
import { DEFAULT_GO_PROXIES, VERSIONS } from "../versions";
import { certificateSchema } from "./certificate-schema";
import { RESTARTS } from "./changing";
import { field } from "./field";
import { NAME, NAME_IN_WORDS, URL_IN_WORDS, URL_WITH_PATH } from "./patterns";
import { dnsSchema, placeSchema } from "./place-schema";
import { verifySchema } from "./verify-schema";

const port = (description: string, standard: number, changing: string) =>
    field(z.int().min(1).max(65535).default(standard), {
        description,
        expected: "an integer from 1 to 65535",
        example: String(standard),
        changing,
        default: String(standard),
    });

const NEW_MAP = `${RESTARTS}; publish the new derpMap, clients of the old one cannot find it`;

const ports = field(
    z
        .strictObject({
            derp: port("TCP port of DERP over TLS.", STANDARD_PORTS.derp, NEW_MAP),
            stun: port("UDP port of STUN.", STANDARD_PORTS.stun, NEW_MAP),
            http: field(
                z.union([z.literal(-1), z.int().min(1).max(65535)]).default(STANDARD_PORTS.http),
                {
                    description:
                        "TCP port of plain HTTP, for the captive-portal check and redirects; " +
                        "-1 closes it. Only port 80 is of use to clients.",
                    expected: "an integer from 1 to 65535, or -1 for none",
                    example: "80",
                    changing: RESTARTS,
                    default: "80",
                },
            ),
        })
        .prefault({}),
    {
        description: "Ports that the relay listens on.",
        expected: "an object with derp, stun and http",
        example: "{ derp: 8443, http: -1 }",
        changing: RESTARTS,
    },
);

const HOSTNAME =
    /^(?=.{4,253}$)([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z][a-z0-9-]{0,61}[a-z0-9]$/;

const region = z.strictObject({
    name: field(z.string().regex(NAME), {
        description: "Name of the region in Pulumi, unique in the stack.",
        expected: NAME_IN_WORDS,
        example: "hangzhou",
        changing:
            "makes another region with a machine and an address of its own, and removes the one of the old name; on a `server`, the new one takes the relay over. Publish the new derpMap",
    }),
    regionId: field(z.int().min(900).max(999), {
        description: "DERP region ID, unique in the tailnet.",
        expected: "an integer from 900 to 999, the range Tailscale leaves to self-hosted relays",
        example: "901",
        changing:
            "publish the new derpMap; replaces the machine only where its address follows from it",
    }),
    regionCode: field(z.string().regex(NAME).optional(), {
        description: "Short code that `tailscale netcheck` and `tailscale ping` print.",
        expected: NAME_IN_WORDS,
        example: "hgh",
        changing: "nothing on the machine; publish the new derpMap",
        default: "the name",
    }),
    regionName: field(
        z
            .string()
            .regex(/^[^\p{C}]{1,60}$/u)
            .optional(),
        {
            description: "Name that people read.",
            expected: "1 to 60 printable characters",
            example: "Hangzhou",
            changing: "nothing on the machine; publish the new derpMap",
            default: "the name",
        },
    ),
    noMeasureNoHome: field(z.boolean().optional(), {
        description:
            "Asks clients to move their home to another region, while this one still relays for those that have not: " +
            "before its pin changes, or it goes away for minutes.",
        expected: "true or false",
        example: "true",
        changing: "nothing on the machine; publish the new derpMap",
        default: "false",
    }),
    hostname: field(z.string().regex(HOSTNAME).optional(), {
        description:
            "DNS name of the relay. Without one, clients dial the address and check a pinned " +
            "certificate; a name served from mainland China must be ICP-filed.",
        expected: "a full lower-case DNS name without scheme, port or path",
        example: "hgh.derp.example.com",
        changing: NEW_MAP,
        default: "none: the address",
    }),
    dns: dnsSchema,
    place: placeSchema,
    ports,
    certificate: certificateSchema,
    verify: verifySchema,
    home: field(
        z
            .union([
                z.enum(["blank", "page"]),
                z.string().regex(/^https:\/\/[A-Za-z0-9.-]+(:\d{1,5})?(\/[A-Za-z0-9._~/-]*)?$/),
            ])
            .default("blank"),
        {
            description:
                "What a browser sees at the relay's address. `blank`: nothing. `page`: derper's page, whose text " +
                "scanners look for to find relays. A URL: a redirect to it.",
            expected: '"blank", "page" or an https URL without user, query or fragment',
            example: "blank",
            changing: RESTARTS,
            default: "blank",
        },
    ),
    bandwidthMbps: field(z.number().min(1).max(10_000).optional(), {
        description:
            "Outgoing bandwidth of the machine's plan in Mbit/s. Each client may send at most " +
            "72 % of it through the relay, so that one bulk flow leaves room for the others. In a cloud it is an " +
            "integer: at most 200 with `internetCharge: traffic` and 500 with `bandwidth` at Alibaba Cloud, at most 100 " +
            "at Tencent Cloud.",
        expected: "a number from 1 to 10000",
        example: "5",
        changing: `${RESTARTS}; in a cloud, the address's own limit changes as well`,
        default: "no limit; 5 at Alibaba Cloud and Tencent Cloud",
    }),
    derperVersion: field(
        z
            .string()
            .regex(/^v1\.(98|99|100|101|102)\.\d{1,3}$/)
            .default(VERSIONS.tailscale),
        {
            description: "Version of `tailscale.com` that derper is built from.",
            expected: `a release from v1.98.0 to v1.102.x (Go ${VERSIONS.go} cannot build newer ones)`,
            example: VERSIONS.tailscale,
            changing: `the machine builds it first, then ${RESTARTS}`,
            default: VERSIONS.tailscale,
        },
    ),
    goProxies: field(
        z
            .array(
                field(z.string().regex(URL_WITH_PATH), {
                    description: "A Go module proxy.",
                    expected: URL_IN_WORDS,
                    example: DEFAULT_GO_PROXIES[0],
                    changing: "nothing that runs; used by the next build",
                }),
            )
            .min(1)
            .default([...DEFAULT_GO_PROXIES]),
        {
            description: "Go module proxies that the machine tries in this order.",
            expected: "a list of http or https URLs",
            example: `[${DEFAULT_GO_PROXIES.slice(0, 2).join(", ")}]`,
            changing:
                "nothing that runs; used by the next build. At Tencent Cloud without `ssh`, replaces the machine",
            default: DEFAULT_GO_PROXIES.map((proxy) => `\`${proxy}\``).join(", "),
        },
    ),
});

/** Schema of `derp:regions`: shape and single values; rules between values are in `rules.ts`. */
export const regionsSchema = field(z.array(region).min(1), {
    description: "The relays of this stack, one region each.",
    expected: "a list of one or more regions",
    example:
        "[{ name: hangzhou, regionId: 901, place: { driver: local }, verify: { mode: none } }]",
    changing: "adding one creates a machine, removing one deletes its machine",
});

/** One region as it was configured, with defaults filled in. */
export type RegionConfig = z.output<typeof region>;
