/**
 * Stands in for the `terraform-provider` plugin, which is on no registry (2026-11), with the
 * provider of Tencent Cloud and the cloud behind it. Read in terraform-provider-tencentcloud
 * 1.82.10.
 *
 * @see https://github.com/pulumi/pulumi-terraform-provider
 */
import { isAccount, setting } from "../cloud/account";
import { CloudError } from "../cloud/errors";
import type { Cloud, Configuration } from "../cloud/kind";
import { CloudProvider } from "../cloud/provider";
import type { Properties } from "../cloud/types";
import { eip, eipAssociation } from "./address";
import { argumentsOf, configurationArguments } from "./arguments";
import { REGIONS } from "./catalog";
import { getImages, getInstanceTypes } from "./functions";
import { instance } from "./instance";
import { ipv6AddressBandwidth, vpcIpv6CidrBlock, vpcIpv6SubnetCidrBlock } from "./ipv6";
import { dnspodRecord, keyPair } from "./key-and-name";
import { securityGroup, subnet, vpc } from "./network";
import { parameterize, parameterizeArgs } from "./parameterize";
import { securityGroupRuleSet } from "./security-group-rule-set";
import { VERSION } from "./version";
import { world } from "./world";

const DEFAULT_REGION = "ap-guangzhou";

const cloud: Cloud = {
    name: "tencentcloud",
    version: VERSION,
    kinds: {
        "tencentcloud:index/vpc:Vpc": vpc,
        "tencentcloud:index/subnet:Subnet": subnet,
        "tencentcloud:index/vpcIpv6CidrBlock:VpcIpv6CidrBlock": vpcIpv6CidrBlock,
        "tencentcloud:index/vpcIpv6SubnetCidrBlock:VpcIpv6SubnetCidrBlock": vpcIpv6SubnetCidrBlock,
        "tencentcloud:index/ipv6AddressBandwidth:Ipv6AddressBandwidth": ipv6AddressBandwidth,
        "tencentcloud:index/securityGroup:SecurityGroup": securityGroup,
        "tencentcloud:index/securityGroupRuleSet:SecurityGroupRuleSet": securityGroupRuleSet,
        "tencentcloud:index/eip:Eip": eip,
        "tencentcloud:index/eipAssociation:EipAssociation": eipAssociation,
        "tencentcloud:index/keyPair:KeyPair": keyPair,
        "tencentcloud:index/instance:Instance": instance,
        "tencentcloud:index/dnspodRecord:DnspodRecord": dnspodRecord,
    },
    functions: {
        "tencentcloud:index/getImages:getImages": getImages,
        "tencentcloud:index/getInstanceTypes:getInstanceTypes": getInstanceTypes,
    },
    argumentsOf,
    configurationArguments,
    configure,
    format: ({ code, message }) =>
        `[TencentCloudSDKError] Code=${code}, Message=${message}, RequestId=00000000-0000-0000-0000-000000000000`,
    isTransient: (code) =>
        code.startsWith("RequestLimitExceeded") || code === "ClientError.NetworkError",
    world,
    parameterize,
    parameterizeArgs,
};

function configure(inputs: Properties): Configuration {
    const account = setting(inputs.secretId, "TENCENTCLOUD_SECRET_ID");
    const secret = setting(inputs.secretKey, "TENCENTCLOUD_SECRET_KEY");
    const region = setting(inputs.region, "TENCENTCLOUD_REGION") || DEFAULT_REGION;
    if (account === "" || secret === "") {
        throw new Error("Please set your `secret_id` and `secret_key`.");
    }
    const [code, message] = isAccount(account)
        ? ["UnsupportedRegion", `The region is not supported: ${region}.`]
        : [
              "AuthFailure.SecretIdNotFound",
              "The SecretId is not found, please ensure that it is correct.",
          ];
    if (!isAccount(account) || !REGIONS.includes(region)) {
        const error = new CloudError(code, message);
        throw new Error(cloud.format(error, "provider"), { cause: error });
    }
    return { account, region, inputs };
}

/** Makes the provider. */
export function createProvider(): CloudProvider {
    return new CloudProvider(cloud);
}
