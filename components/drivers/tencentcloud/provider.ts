import * as pulumi from "@pulumi/pulumi";
import { Provider } from "@pulumi/tencentcloud";

/** Where credentials are looked for. */
export const CREDENTIALS =
    "place.credentials, or TENCENTCLOUD_SECRET_ID and TENCENTCLOUD_SECRET_KEY in the environment (docs/tencentcloud.md)";

/** Credentials of an account at Tencent Cloud. */
export interface TencentcloudCredentials {
    /** The public half. */
    readonly secretId: string;
    /** The secret half. */
    readonly secretKey: string;
}

/**
 * Makes the provider of one region and one account.
 *
 * @param name Name of the resource.
 * @param account Which region and account.
 * @param account.region The cloud's region, such as `ap-guangzhou`. Another one needs a provider of another name.
 * @param account.credentials Credentials; undefined takes them from the environment.
 * @param opts Passed to the resource.
 * @returns The provider.
 */
export function createTencentcloudProvider(
    name: string,
    account: {
        readonly region: string;
        readonly credentials: TencentcloudCredentials | undefined;
    },
    opts: pulumi.CustomResourceOptions,
): Provider {
    const { region, credentials } = account;
    return new Provider(
        name,
        {
            region,
            ...(credentials && {
                secretId: pulumi.secret(credentials.secretId),
                secretKey: pulumi.secret(credentials.secretKey),
            }),
        },
        opts,
    );
}
