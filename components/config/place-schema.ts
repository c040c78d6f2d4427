import { isIPv4 } from "node:net";

import { z } from "zod";

import {
    alicloudCredentials,
    cloudShape,
    securityUpdates,
    tencentCredentials,
} from "./cloud-schema";
import { CONNECTS_ANEW, REPLACES } from "./changing";
import { field } from "./field";
import { isPublicIpv6 } from "../ipv6-address";
import { isLocalAddress } from "./local-address";

const ipv6Field = (changing: string) =>
    field(z.boolean().optional(), {
        description:
            "Whether clients reach the relay over IPv6 as well. The IPv6 address belongs to the machine, and another " +
            "machine has another one.",
        expected: "true or false",
        example: "true",
        changing,
        default: "false",
    });

const alicloud = z.strictObject({
    driver: z.literal("alicloud"),
    ...cloudShape({
        zone: { pattern: /^[a-z]{2}(-[a-z]+)+(-\d+[a-z]|-[a-z])$/, example: "cn-shanghai-b" },
        instanceType: { pattern: /^ecs\.[a-z0-9.-]{2,40}$/, standard: "ecs.t6-c1m1.large" },
        image: {
            words: "a public image of Alibaba Cloud",
            standard: "^ubuntu_22_04_x64_20G_alibase_\\d{8}\\.vhd$",
        },
        diskCategories: [
            ...(["cloud_essd", "cloud_essd_entry"] as const),
            ...["cloud_ssd", "cloud_efficiency"],
        ],
        disk: { category: "cloud_essd", gb: 20 },
        changing: {
            diskCategory: REPLACES,
            diskGb: "enlarges the disk in place; the cloud refuses a smaller one",
            internetCharge: "replaces the address; publish the new derpMap",
        },
    }),
    metadataTokens: field(z.enum(["required", "optional"]).default("required"), {
        description:
            "Whether the metadata service wants a token (IMDSv2). `optional` only for images whose cloud-init is older than 23.1, such as CentOS 7.",
        expected: "required or optional",
        example: "required",
        changing: "the metadata service only",
        default: "required",
    }),
    ipv6: ipv6Field(
        "turned on, replaces the machine, whose IPv4 address and pinned certificate stay; turned off, applied in " +
            "place; publish the new derpMap",
    ),
    credentials: alicloudCredentials,
});

const tencentcloud = z.strictObject({
    driver: z.literal("tencentcloud"),
    ...cloudShape({
        zone: { pattern: /^[a-z]{2}-[a-z]+(-[a-z]+)?-\d{1,2}$/, example: "ap-guangzhou-3" },
        instanceType: { pattern: /^[A-Z][A-Z0-9]*\.[A-Z0-9]+$/, standard: "S5.SMALL1" },
        image: {
            words: "a public image of Tencent Cloud",
            standard: "^Ubuntu Server 22\\.04 LTS 64(位|bit)$",
        },
        diskCategories: ["CLOUD_PREMIUM", "CLOUD_BSSD", "CLOUD_SSD", "CLOUD_HSSD"],
        disk: { category: "CLOUD_PREMIUM", gb: 50 },
        changing: {
            diskCategory: "stops the machine, changes the disk and starts the machine again",
            diskGb: "stops the machine, enlarges the disk and starts the machine again; the cloud refuses a smaller one",
            internetCharge: "changes the address's plan in place, which the cloud allows twice",
        },
    }),
    ipv6: ipv6Field(
        "replaces the machine, whose IPv4 address and pinned certificate stay; publish the new derpMap",
    ),
    credentials: tencentCredentials,
});

const server = z.strictObject({
    driver: z.literal("server"),
    address: field(
        z.string().refine((text) => isIPv4(text)),
        {
            description: "IPv4 address of the server, for SSH and for the relay's clients.",
            expected: "an IPv4 address",
            example: "203.0.113.7",
            changing:
                "takes the relay off the old server, then installs it on the new one: minutes without it; publish the new derpMap",
        },
    ),
    ipv6Address: field(z.string().refine(isPublicIpv6).optional(), {
        description:
            "Public IPv6 address that the server has, for the relay's clients; SSH goes over IPv4.",
        expected: "a global unicast IPv6 address in its shortest form, such as 2001:db8::7",
        example: "2001:db8::7",
        changing: "the derpMap and the AAAA record only; publish the new derpMap",
        default: "none",
    }),
    user: field(
        z
            .string()
            .regex(/^[a-z_][a-z0-9_-]{0,31}$/)
            .default("root"),
        {
            description: "User of the SSH connection: root, or one that may use `sudo -n`.",
            expected: "a user name",
            example: "ubuntu",
            changing: CONNECTS_ANEW,
            default: "root",
        },
    ),
    sshPort: field(z.int().min(1).max(65_535).default(22), {
        description: "TCP port of SSH.",
        expected: "an integer from 1 to 65535",
        example: "22",
        changing: CONNECTS_ANEW,
        default: "22",
    }),
    hostKey: field(
        z
            .string()
            .regex(
                /^(ecdsa-sha2-nistp(256|384|521)|ssh-ed25519|ssh-rsa) [A-Za-z0-9+/]{60,}={0,2}( .*)?$/,
            ),
        {
            description:
                "The server's public host key, so that the very first connection is verified: the output of " +
                "`cat /etc/ssh/ssh_host_ecdsa_key.pub` on the server's console. It has to be the ECDSA one where the " +
                "server has several, because that is what Pulumi's SSH client asks for first.",
            expected: "a line such as ecdsa-sha2-nistp256 AAAAE2Vj…",
            example: "< ssh_host_ecdsa_key.pub",
            changing: CONNECTS_ANEW,
        },
    ),
    privateKey: field(z.string().includes("PRIVATE KEY-----").refine(isOpen), {
        description: "Private key that the server accepts, without a passphrase.",
        expected:
            "a private key in PEM or OpenSSH's format without a passphrase (ssh-keygen -p -f KEY -N '' takes it off a copy)",
        example: "< ~/.ssh/id_ed25519",
        changing: CONNECTS_ANEW,
        secret: true,
    }),
    securityUpdates: securityUpdates(false, "applied in place"),
});

const local = z.strictObject({
    driver: z.literal("local"),
    address: field(z.string().refine(isLocalAddress).optional(), {
        description:
            "IPv4 address of the machine on a private bridge of this host; the bridge takes " +
            "the first address of its /24.",
        expected: "a private IPv4 address whose last part is from 2 to 254",
        example: "10.90.0.100",
        changing: "replaces the machine; publish the new derpMap",
        default: "10.90.0.(regionId - 800)",
    }),
});

/** Where a relay can run. */
export const placeSchema = field(
    z.discriminatedUnion("driver", [alicloud, tencentcloud, server, local]),
    {
        description:
            "Where the relay runs. `alicloud`: a new machine at Alibaba Cloud. `tencentcloud`: a new machine at " +
            "Tencent Cloud. `server`: a server that you have, over SSH. `local`: a machine booted on this Linux host.",
        expected: '"alicloud", "tencentcloud", "server" or "local"',
        example: "alicloud",
        changing: "makes a new machine with another address; publish the new derpMap",
    },
);

const zone = field(z.string().regex(/^([a-z0-9-]+\.)+[a-z][a-z0-9-]*[a-z0-9]$/), {
    description: "Domain whose records the account holds; the hostname must be in it.",
    expected: "a lower-case domain such as example.com",
    example: "example.com",
    changing: "replaces the records",
});

/** Who holds the records of the relay's hostname. */
export const dnsSchema = field(
    z
        .discriminatedUnion("provider", [
            z.strictObject({
                provider: z.literal("alidns"),
                zone,
                credentials: alicloudCredentials,
            }),
            z.strictObject({
                provider: z.literal("dnspod"),
                zone,
                credentials: tencentCredentials,
            }),
        ])
        .optional(),
    {
        description:
            "Who holds the records of the hostname, whatever cloud the machine is in. `alidns`: Alibaba Cloud DNS. " +
            "`dnspod`: Tencent Cloud's DNSPod. Without it you make the A record yourself, and with IPv6 the AAAA record.",
        expected: '"alidns" or "dnspod"',
        example: "alidns",
        changing: "the records only",
        default: "none",
    },
);

/**
 * Whether a machine is made in a cloud.
 *
 * @param place The place.
 * @returns True at Alibaba Cloud and Tencent Cloud.
 */
export function isCloud<T extends { readonly driver: string }>(
    place: T,
): place is Extract<T, { readonly driver: "alicloud" | "tencentcloud" }> {
    return place.driver === "alicloud" || place.driver === "tencentcloud";
}

/** Whether a private key has no passphrase: PEM says so in a line, OpenSSH's format in its first field. */
function isOpen(key: string): boolean {
    const [, base64 = ""] = /BEGIN OPENSSH PRIVATE KEY-----([^-]*)/.exec(key) ?? [];
    const start = Buffer.from(base64, "base64").subarray(0, 64).toString("latin1");
    return !key.includes("ENCRYPTED") && !/^openssh-key-v1\0\0\0\0.(?!none)/s.test(start);
}
