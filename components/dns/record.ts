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
 * Makes the A record of a relay.
 *
 * @param name Prefix of the resources' names.
 * @param record What it says.
 * @param record.hostname DNS name in the domain. Changing it changes the record.
 * @param record.address IPv4 address. Changing it changes the record.
 * @param dns Who holds it.
 * @param opts Passed to the resources.
 * @returns The record.
 */
export function createRecord(
    name: string,
    record: { readonly hostname: string; readonly address: pulumi.Input<string> },
    dns: DnsSettings,
    opts: pulumi.CustomResourceOptions,
): pulumi.CustomResource {
    const { hostname, address } = record;
    const { zone } = dns;
    const label = hostname === zone ? "@" : hostname.slice(0, -zone.length - 1);
    const account = { region: REGIONS[dns.provider] };
    switch (dns.provider) {
        case "alidns": {
            const { credentials } = dns;
            const provider = createAlicloudProvider(
                `${name}.dns`,
                { ...account, credentials },
                opts,
            );
            return new AlidnsRecord(
                name,
                { domainName: zone, rr: label, type: "A", value: address, ttl: TTL },
                { ...opts, provider },
            );
        }
        case "dnspod": {
            const { credentials } = dns;
            const provider = createTencentcloudProvider(
                `${name}.dns`,
                { ...account, credentials },
                opts,
            );
            return new DnspodRecord(
                name,
                {
                    domain: zone,
                    subDomain: label,
                    recordType: "A",
                    recordLine: "默认",
                    value: address,
                    ttl: TTL,
                },
                { ...opts, provider },
            );
        }
    }
}
