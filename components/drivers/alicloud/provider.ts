import { Provider } from "@pulumi/alicloud/provider";
import * as pulumi from "@pulumi/pulumi";

/** Where credentials are looked for. */
export const CREDENTIALS =
    "place.credentials, or ALICLOUD_ACCESS_KEY and ALICLOUD_SECRET_KEY in the environment (docs/alicloud.md)";

/** Credentials of an account at Alibaba Cloud. */
export interface AlicloudCredentials {
    /** The public half. */
    readonly accessKeyId: string;
    /** The secret half. */
    readonly accessKeySecret: string;
}

/**
 * Makes the provider of one region and one account.
 *
 * @param name Name of the resource.
 * @param account Which region and account.
 * @param account.region The cloud's region, such as `cn-shanghai`. Another one needs a provider of another name.
 * @param account.credentials Credentials; undefined takes them from the environment.
 * @param opts Passed to the resource.
 * @returns The provider.
 */
export function createAlicloudProvider(
    name: string,
    account: {
        readonly region: string;
        readonly credentials: AlicloudCredentials | undefined;
    },
    opts: pulumi.CustomResourceOptions,
): Provider {
    const { region, credentials } = account;
    return new Provider(
        name,
        {
            region,
            ...(credentials && {
                accessKey: pulumi.secret(credentials.accessKeyId),
                secretKey: pulumi.secret(credentials.accessKeySecret),
            }),
        },
        opts,
    );
}
