import type { RunResult } from "../../../components/host/run";
import { type EngineStack, NO_MACHINE } from "../../support/engine-stack";

/** A region at Alibaba Cloud, without SSH. */
export const ALICLOUD = {
    name: "shanghai",
    regionId: "901",
    "place.driver": "alicloud",
    "place.zone": "cn-shanghai-b",
    "verify.mode": "none",
};
/** The same at Tencent Cloud. */
export const TENCENTCLOUD = {
    name: "guangzhou",
    regionId: "902",
    "place.driver": "tencentcloud",
    "place.zone": "ap-guangzhou-3",
    "verify.mode": "none",
};

const PARENT = "urn:pulumi:engine::derp::derp:index:DerpRegion";

/** What tests that run at every cloud have to know of each. */
export const CLOUDS = [
    {
        cloud: "Alibaba Cloud",
        region: ALICLOUD,
        machine: `${PARENT}$alicloud:ecs/instance:Instance::shanghai`,
        /** Network, switch, group with four rules, address, machine, binding. */
        whole: 10,
        addressType: "EipAddress",
        errors: {
            noAddress: "QuotaExceeded.Eip",
            tooFast: "Throttling.User",
            inUse: "DependencyViolation",
        },
        larger: "ecs.t6-c1m2.large",
        newer: { image: "^ubuntu_24_04_x64_20G_", id: "ubuntu_24_04_x64_20G_alibase_20260916.vhd" },
        unoffered: {
            ...{ zone: "cn-shanghai-e", instanceType: "ecs.t6-c1m1.large" },
            smallest: "ecs.t5-lc1m1.small, ",
            error: "InvalidInstanceType.ZoneNotSupported",
        },
        charges: [
            ["prepaid", "PrePaid"],
            ["postpaid", "PostPaid"],
        ],
    },
    {
        cloud: "Tencent Cloud",
        region: TENCENTCLOUD,
        machine: `${PARENT}$tencentcloud:index/instance:Instance::guangzhou`,
        /** VPC, subnet, two groups, the rules of the first, address, machine; the rest waits for a relay. */
        whole: 7,
        addressType: "Eip",
        errors: {
            noAddress: "AddressQuotaLimitExceeded",
            tooFast: "RequestLimitExceeded",
            inUse: "ResourceInUse",
        },
        larger: "S5.SMALL2",
        newer: { image: "^Ubuntu Server 24", id: "img-mmytdhbn" },
        unoffered: {
            ...{ zone: "ap-guangzhou-7", instanceType: "SA2.MEDIUM2" },
            smallest: "S5.SMALL1, S5.SMALL2, ",
            error: "ResourcesSoldOut.SpecifiedInstanceType",
        },
        charges: [
            ["prepaid", "PREPAID"],
            ["postpaid", "POSTPAID_BY_HOUR"],
        ],
    },
] as const;

/** What an `up` printed, and its exit code. */
export interface Ended {
    readonly code: number;
    readonly text: string;
}

/** Makes a region, but for what needs a machine. */
export async function up(stack: EngineStack, ...args: readonly string[]): Promise<Ended> {
    return ended(await stack.up(...NO_MACHINE, ...args));
}

/** The same, for what must succeed: then a cloud has one machine, and nothing but what belongs to it. */
export async function expectWhole(stack: EngineStack, whole: number): Promise<void> {
    const { code, text } = await up(stack);
    expect([code, code === 0 ? "" : text]).toEqual([0, ""]);
    expect(stack.cloud.objects("Instance")).toHaveLength(1);
    expect(stack.cloud.objects()).toHaveLength(whole);
}

function ended({ code, stdout, stderr }: RunResult): Ended {
    return { code, text: `${stdout}${stderr}` };
}
