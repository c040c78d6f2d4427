/**
 * Stands in for the `alicloud` plugin, which is on no registry (2026-11), and for the cloud behind
 * it. Read in terraform-provider-alicloud 1.285.0.
 *
 * @see https://github.com/pulumi/pulumi-alicloud
 */
import { version } from "@pulumi/alicloud/package.json";

import { CloudError } from "../cloud/errors";
import type { Cloud, Configuration } from "../cloud/kind";
import { CloudProvider } from "../cloud/provider";
import { isAccount, setting } from "../cloud/account";
import type { Properties } from "../cloud/types";
import { eipAddress, eipAssociation } from "./address";
import { argumentsOf, configurationArguments } from "./arguments";
import { REGIONS } from "./catalog";
import { command, ecsInvocation } from "./cloud-assistant";
import { getImages, getInstanceTypes, getIpv6Addresses, getZones } from "./functions";
import { instance } from "./instance";
import { ipv6Gateway, ipv6InternetBandwidth } from "./ipv6";
import { alidnsRecord, ecsKeyPair } from "./key-and-name";
import { network, securityGroup, vswitch } from "./network";
import { securityGroupRule } from "./security-group-rule";
import { world } from "./world";

const NO_CREDENTIALS = `configuring Terraform Alibaba Cloud Provider: no valid credential sources for Terraform Alibaba Cloud Provider found.

Please see https://registry.terraform.io/providers/aliyun/alicloud/latest/docs#authentication
for more information about providing credentials.`;

const cloud: Cloud = {
    name: "alicloud",
    version,
    kinds: {
        "alicloud:vpc/network:Network": network,
        "alicloud:vpc/switch:Switch": vswitch,
        "alicloud:vpc/ipv6Gateway:Ipv6Gateway": ipv6Gateway,
        "alicloud:vpc/ipv6InternetBandwidth:Ipv6InternetBandwidth": ipv6InternetBandwidth,
        "alicloud:ecs/securityGroup:SecurityGroup": securityGroup,
        "alicloud:ecs/securityGroupRule:SecurityGroupRule": securityGroupRule,
        "alicloud:ecs/eipAddress:EipAddress": eipAddress,
        "alicloud:ecs/eipAssociation:EipAssociation": eipAssociation,
        "alicloud:ecs/ecsKeyPair:EcsKeyPair": ecsKeyPair,
        "alicloud:ecs/instance:Instance": instance,
        "alicloud:ecs/command:Command": command,
        "alicloud:ecs/ecsInvocation:EcsInvocation": ecsInvocation,
        "alicloud:dns/alidnsRecord:AlidnsRecord": alidnsRecord,
    },
    functions: {
        "alicloud:ecs/getImages:getImages": getImages,
        "alicloud:ecs/getInstanceTypes:getInstanceTypes": getInstanceTypes,
        "alicloud:index/getZones:getZones": getZones,
        "alicloud:vpc/getIpv6Addresses:getIpv6Addresses": getIpv6Addresses,
    },
    argumentsOf,
    configurationArguments,
    configure,
    format: ({ code, message }, subject) =>
        `[ERROR] terraform-provider-alicloud: Resource ${subject} Failed!!! [SDK alibaba-cloud-sdk-go ERROR]:\nSDKError:\n   Code: ${code}\n   Message: ${message}`,
    isTransient: (code) => code.startsWith("Throttling") || code === "ServiceUnavailable",
    world,
};

function configure(inputs: Properties): Configuration {
    const account = setting(
        ...([inputs.accessKey, "ALICLOUD_ACCESS_KEY", "ALIBABA_CLOUD_ACCESS_KEY_ID"] as const),
        "ALICLOUD_ACCESS_KEY_ID",
    );
    const secret = setting(
        ...([inputs.secretKey, "ALICLOUD_SECRET_KEY", "ALIBABA_CLOUD_ACCESS_KEY_SECRET"] as const),
        "ALICLOUD_ACCESS_KEY_SECRET",
    );
    const region = setting(inputs.region, "ALICLOUD_REGION", "ALIBABA_CLOUD_REGION");
    if (account === "" || secret === "") {
        throw new Error(NO_CREDENTIALS);
    }
    if (!REGIONS.includes(region)) {
        throw new Error(
            `Invalid Alibaba Cloud region: ${region}. You can skip checking this region by setting provider parameter 'skip_region_validation'.`,
        );
    }
    if (!isAccount(account)) {
        const error = new CloudError(
            "InvalidAccessKeyId.NotFound",
            "Specified access key is not found.",
        );
        throw new Error(cloud.format(error, "provider"), { cause: error });
    }
    return { account, region, inputs };
}

/** Makes the provider. */
export function createProvider(): CloudProvider {
    return new CloudProvider(cloud);
}
