import { existsSync } from "node:fs";
import { join } from "node:path";

import type { BrokenRule } from "./broken-rule";
import { isCloud } from "./place-schema";
import type { RegionConfig } from "./schema";

/** Environment variables by name. */
export type Environment = Readonly<Record<string, string | undefined>>;

/** Where a cloud's provider looks for credentials beside its own arguments. */
interface CloudCredentials {
    /** Sets of variables, of which one must be complete: the first is the one that users are told. */
    readonly variables: readonly (readonly string[])[];
    /** Files below the home folder that it reads without being told. */
    readonly files: readonly string[];
    readonly cloud: string;
}

/**
 * Read in the providers' sources (2026-11).
 *
 * @see https://github.com/aliyun/terraform-provider-alicloud/blob/v1.285.0/alicloud/provider.go
 * @see https://github.com/tencentcloudstack/terraform-provider-tencentcloud/blob/v1.82.10/tencentcloud/provider.go
 */
const ALIBABA: CloudCredentials = {
    cloud: "Alibaba Cloud",
    variables: [
        ["ALICLOUD_ACCESS_KEY", "ALICLOUD_SECRET_KEY"],
        ["ALIBABA_CLOUD_ACCESS_KEY_ID", "ALIBABA_CLOUD_ACCESS_KEY_SECRET"],
        ["ALIBABACLOUD_ACCESS_KEY_ID", "ALIBABACLOUD_ACCESS_KEY_SECRET"],
        ...["ALICLOUD_PROFILE", "ALIBABA_CLOUD_PROFILE"].map((name) => [name]),
        ...["ALICLOUD_CREDENTIALS_URI", "ALIBABA_CLOUD_CREDENTIALS_URI"].map((name) => [name]),
        ...["ALICLOUD_ECS_ROLE_NAME", "ALIBABA_CLOUD_ECS_METADATA"].map((name) => [name]),
        ["ALIBABA_CLOUD_OIDC_TOKEN_FILE"],
    ],
    files: [],
};
const TENCENT: CloudCredentials = {
    cloud: "Tencent Cloud",
    variables: [
        ["TENCENTCLOUD_SECRET_ID", "TENCENTCLOUD_SECRET_KEY"],
        ["TENCENTCLOUD_PROFILE"],
        ["TENCENTCLOUD_CAM_ROLE_NAME"],
        ["TENCENTCLOUD_ASSUME_ROLE_ARN"],
    ],
    files: [".tccli/default.credential"],
};
const OF = {
    alicloud: ALIBABA,
    alidns: ALIBABA,
    tencentcloud: TENCENT,
    dnspod: TENCENT,
} as const;

/**
 * Checks that a region's clouds are given credentials. Whether they are right, only the cloud knows.
 *
 * @param region The region.
 * @param env Environment of the program, which the providers see as well.
 * @returns What lacks credentials.
 */
export function checkCredentials({ place, dns }: RegionConfig, env: Environment): BrokenRule[] {
    const rules: BrokenRule[] = [];
    if (isCloud(place)) {
        rules.push(...check("place", place.credentials, OF[place.driver], env));
    }
    if (dns !== undefined) {
        rules.push(...check("dns", dns.credentials, OF[dns.provider], env));
    }
    return rules;
}

function check(
    key: string,
    given: object | undefined,
    { cloud, variables, files }: CloudCredentials,
    env: Environment,
): BrokenRule[] {
    const isSet = (name: string) => (env[name] ?? "") !== "";
    const hasFile = files.some((file) => existsSync(join(env.HOME ?? "", file)));
    if (given !== undefined || hasFile || variables.some((set) => set.every(isSet))) {
        return [];
    }
    const [told = []] = variables;
    const missing = told.filter((name) => !isSet(name));
    return [
        {
            path: [key, "credentials"],
            reason:
                `must be given, or be in the environment: ${missing.join(" and ")} of the account at ${cloud} ` +
                `${missing.length === 1 ? "is" : "are"} not set`,
            fix: `export ${missing.map((name) => `${name}=…`).join(" ")}`,
        },
    ];
}
