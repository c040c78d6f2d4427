import { AlidnsRecord } from "@pulumi/alicloud/dns/alidnsRecord";
import type * as pulumi from "@pulumi/pulumi";
import { DnspodRecord } from "@pulumi/tencentcloud";

import { type AlicloudCredentials, createAlicloudProvider } from "../drivers/alicloud/provider";
import {
    createTencentcloudProvider,
    type TencentcloudCredentials,
} from "../drivers/tencentcloud/provider";

/** Who holds the records of a domain. */
export type DnsSettings = {
    /** The domain. Changing it replaces the record. */
    readonly zone: string;
} & (
    | {
          /** Alibaba Cloud DNS. */
          readonly provider: "alidns";
          /** Credentials; without them they come from the environment. */
          readonly credentials?: AlicloudCredentials | undefined;
      }
    | {
          /** DNSPod of Tencent Cloud. */
          readonly provider: "dnspod";
          /** Credentials; without them they come from the environment. */
          readonly credentials?: TencentcloudCredentials | undefined;
      }
);

/** Seconds that resolvers keep a record: the least that free plans allow. */
const TTL = 600;
/** DNS knows no regions; the providers want one. */
const REGIONS = { alidns: "cn-hangzhou", dnspod: "ap-guangzhou" } as const;

/**
 * Makes the records of a relay: A, and AAAA where it has an IPv6 address.
 *
 * @param name Prefix of the resources' names.
 * @param relay What they say.
 * @param relay.hostname DNS name in the domain. Changing it changes the records.
 * @param relay.address IPv4 address. Changing it changes the A record.
 * @param relay.ipv6 IPv6 address. Changing it changes the AAAA record; without one there is none.
 * @param dns Who holds them.
 * @param opts Passed to the resources.
 * @returns The records.
 */
export function createRecords(
    name: string,
    relay: {
        readonly hostname: string;
        readonly address: pulumi.Input<string>;
        readonly ipv6: pulumi.Input<string> | undefined;
    },
    dns: DnsSettings,
    opts: pulumi.CustomResourceOptions,
): pulumi.CustomResource[] {
    const { hostname, address, ipv6 } = relay;
    const { zone } = dns;
    const label = hostname === zone ? "@" : hostname.slice(0, -zone.length - 1);
    const create = recordMaker(`${name}.dns`, label, dns, opts);
    return [
        create(name, "A", address),
        ...(ipv6 === undefined ? [] : [create(`${name}.ipv6`, "AAAA", ipv6)]),
    ];
}

/** Makes one record. */
type CreateRecord = (
    name: string,
    type: "A" | "AAAA",
    value: pulumi.Input<string>,
) => pulumi.CustomResource;

function recordMaker(
    providerName: string,
    label: string,
    dns: DnsSettings,
    opts: pulumi.CustomResourceOptions,
): CreateRecord {
    const { zone } = dns;
    const account = { region: REGIONS[dns.provider] };
    switch (dns.provider) {
        case "alidns": {
            const { credentials } = dns;
            const provider = createAlicloudProvider(
                providerName,
                { ...account, credentials },
                opts,
            );
            return (name, type, value) =>
                new AlidnsRecord(
                    name,
                    { domainName: zone, rr: label, type, value, ttl: TTL },
                    { ...opts, provider },
                );
        }
        case "dnspod": {
            const { credentials } = dns;
            const provider = createTencentcloudProvider(
                providerName,
                { ...account, credentials },
                opts,
            );
            const line = { recordLine: "默认", ttl: TTL };
            return (name, recordType, value) =>
                new DnspodRecord(
                    name,
                    { domain: zone, subDomain: label, recordType, value, ...line },
                    { ...opts, provider },
                );
        }
    }
}
