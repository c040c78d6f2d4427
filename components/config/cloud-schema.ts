import { isIPv4 } from "node:net";

import { z } from "zod";

import { REPLACES } from "./changing";
import { field } from "./field";

const NOTHING = "changes nothing that runs";

/**
 * Credentials of a cloud account, when they are not in the environment.
 *
 * @param id Name of the public half, as the cloud calls it.
 * @param secret Name of the secret half.
 * @param example What the public half looks like.
 * @returns The schema of an object with both.
 */
function credentials<I extends string, S extends string>(id: I, secret: S, example: string) {
    const shape = {
        [id]: field(z.string().regex(/^[A-Za-z0-9._-]{8,128}$/), {
            description: `The account's \`${id}\`.`,
            expected: "8 to 128 letters, digits, dots, hyphens and underscores",
            example,
            changing: NOTHING,
        }),
        [secret]: field(z.string().regex(/^[A-Za-z0-9/+=._-]{8,128}$/), {
            description: `The account's \`${secret}\`.`,
            expected: "8 to 128 letters, digits and / + = . _ -",
            example: "< key.txt",
            changing: NOTHING,
            secret: true,
        }),
    } as Record<I | S, z.ZodString>;
    return field(z.strictObject(shape).optional(), {
        description:
            "Credentials of the account, for stacks with several; without them they come from the environment.",
        expected: `an object with ${id} and ${secret}`,
        example: `{ ${id}: ${example}, ${secret}: { secure: v1:… } }`,
        changing:
            "nothing while it is the same account; another account cannot see what the first one made",
        default: "from the environment",
    });
}

/** Of an account at Alibaba Cloud. */
export const alicloudCredentials = credentials(
    "accessKeyId",
    "accessKeySecret",
    "LTAI5tExampleExample",
);
/** Of an account at Tencent Cloud. */
export const tencentCredentials = credentials("secretId", "secretKey", "AKIDExampleExample");

const ssh = field(
    z
        .strictObject({
            allowFrom: field(
                z
                    .array(
                        field(z.string().refine(isNetwork), {
                            description: "An IPv4 range.",
                            expected:
                                "an IPv4 network such as 203.0.113.7/32 or 203.0.113.0/24, with no bit set beyond its length",
                            example: "203.0.113.7/32",
                            changing: "the security group only",
                        }),
                    )
                    .min(1)
                    .refine((ranges) => new Set(ranges).size === ranges.length),
                {
                    description:
                        "IPv4 ranges that may connect to port 22: where you run Pulumi, and nothing else.",
                    expected:
                        "a list of different IPv4 networks such as 203.0.113.7/32 or 203.0.113.0/24, each with no bit set beyond its length",
                    example: "[203.0.113.7/32]",
                    changing: "the security group only",
                },
            ),
        })
        .optional(),
    {
        description:
            "With it, later changes are applied in place over SSH and take seconds; the machine gets a host key " +
            "that Pulumi made, so the very first connection is verified. Without it no port 22 exists, and the first " +
            "installation goes over SSH on the relay's own port: from then on, at Alibaba Cloud, Cloud Assistant " +
            "applies a change in place; at Tencent Cloud a change replaces the machine.",
        expected: "an object with allowFrom",
        example: "{ allowFrom: [203.0.113.7/32] }",
        changing: `adding or removing it ${REPLACES}`,
        default: "none: no SSH",
    },
);

/**
 * Whether the machine installs security updates by itself.
 *
 * @param standard What holds when nothing is said.
 * @param changing What changing it does.
 * @returns The schema.
 */
export function securityUpdates(standard: boolean, changing: string) {
    return field(z.boolean().default(standard), {
        description:
            "Whether the machine installs its system's security updates once a day, with the system's own " +
            "`unattended-upgrades` or `dnf-automatic`. It never reboots, and the relay does not restart.",
        expected: "true or false",
        example: "true",
        changing,
        default: String(standard),
    });
}

const payment = {
    charge: field(z.enum(["postpaid", "prepaid", "spot"]).default("postpaid"), {
        description:
            "How the machine is paid: by the hour, by the month with automatic renewal, or at the spot price, " +
            "at which the cloud may take it away.",
        expected: "postpaid, prepaid or spot",
        example: "postpaid",
        changing: "between postpaid and prepaid in place; from or to spot replaces the machine",
        default: "postpaid",
    }),
};

/** What a cloud calls things. */
export interface CloudWords {
    /** Its zones. */
    readonly zone: { readonly pattern: RegExp; readonly example: string };
    /** Its instance types. */
    readonly instanceType: { readonly pattern: RegExp; readonly standard: string };
    /** Its public images. */
    readonly image: { readonly words: string; readonly standard: string };
    /** Its categories of system disks. */
    readonly diskCategories: readonly [string, ...string[]];
    /** The disk that is enough. */
    readonly disk: { readonly category: string; readonly gb: number };
    /** What changing a key does, where the clouds differ. */
    readonly changing: {
        readonly diskCategory: string;
        readonly diskGb: string;
        readonly internetCharge: string;
    };
}

/**
 * What both clouds are asked, in each one's own words.
 *
 * @param words What the cloud calls things.
 * @returns Shape of the place's schema.
 */
export function cloudShape(words: CloudWords) {
    const { zone, instanceType, image } = words;
    return {
        zone: field(z.string().regex(zone.pattern), {
            description: "Zone of the machine; the cloud's region follows from it.",
            expected: `a zone such as ${zone.example}`,
            example: zone.example,
            changing: `${REPLACES} within one region of the cloud; in another region the address changes, too`,
        }),
        instanceType: field(z.string().regex(instanceType.pattern).default(instanceType.standard), {
            description: "Instance type: 1 core and 1 GB of memory are enough.",
            expected: `an instance type such as ${instanceType.standard}`,
            example: instanceType.standard,
            changing: "stops the machine, resizes it and starts it again: about a minute",
            default: instanceType.standard,
        }),
        image: field(z.string().min(1).max(200).refine(isRegExp).default(image.standard), {
            description: `Regular expression for the name of ${image.words}; the newest that matches is taken once, and kept.`,
            expected: "a regular expression in the syntax of Go, of at most 200 characters",
            example: `'${image.standard}'`,
            changing:
                "the next machine only: add `--replace` with the machine's URN to have it now",
            default: `\`${image.standard}\``,
        }),
        ...diskAndTraffic(words),
        ...payment,
        securityUpdates: securityUpdates(
            true,
            "applied in place; at Tencent Cloud without `ssh` it replaces the machine",
        ),
        ssh,
    };
}

function diskAndTraffic({ diskCategories, disk, changing }: CloudWords) {
    return {
        diskCategory: field(z.enum(diskCategories).default(disk.category), {
            description: "Category of the system disk.",
            expected: diskCategories.join(", "),
            example: disk.category,
            changing: changing.diskCategory,
            default: disk.category,
        }),
        diskGb: field(z.int().min(20).max(500).default(disk.gb), {
            description: "Size of the system disk in GB; building derper takes 1.5 of them.",
            expected: "an integer from 20 to 500",
            example: String(disk.gb),
            changing: changing.diskGb,
            default: String(disk.gb),
        }),
        internetCharge: field(z.enum(["traffic", "bandwidth"]).default("traffic"), {
            description:
                "How outgoing traffic is paid: by the gigabyte, or by the bandwidth that is reserved.",
            expected: "traffic or bandwidth",
            example: "traffic",
            changing: changing.internetCharge,
            default: "traffic",
        }),
    };
}

/** The clouds keep the network's address, and would show another one than was asked for as a change. */
function isNetwork(text: string): boolean {
    const [, address = "", length = ""] =
        /^(\d+(?:\.\d+){3})\/(\d|[12]\d|3[0-2])$/.exec(text) ?? [];
    if (!isIPv4(address)) {
        return false;
    }
    const bits = address.split(".").reduce((sum, part) => sum * 256 + Number(part), 0);
    return bits % 2 ** (32 - Number(length)) === 0;
}

/** Go's syntax, which the providers use: case is ignored by a prefix, and nothing looks ahead or back. */
function isRegExp(text: string): boolean {
    if (/\(\?(=|!|<[=!])|\\[1-9]/.test(text)) {
        return false;
    }
    try {
        return new RegExp(text.replace(/^\(\?i\)/, "")).source !== "";
    } catch {
        return false;
    }
}
