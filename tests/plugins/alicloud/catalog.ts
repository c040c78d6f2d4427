/** An image that everybody has. */
export interface Image {
    readonly id: string;
    readonly osName: string;
    readonly osNameEn: string;
    readonly platform: string;
    readonly family: string;
    readonly created: string;
    readonly architecture: "x86_64" | "arm64";
}

/** A type of instances. */
export interface InstanceType {
    readonly cpu: number;
    /** In GiB. */
    readonly memory: number;
    readonly architecture: "x86_64" | "arm64";
    readonly disks: readonly string[];
}

const CLOUD_DISKS = ["cloud_efficiency", "cloud_ssd", "cloud_essd"];
const NEW_DISKS = ["cloud_essd", "cloud_auto", "cloud_essd_entry"];

/** Their names are their ids. The dates are those of images that public code names. */
export const IMAGES: readonly Image[] = [
    ubuntu("20_04", "20.04", "20250113"),
    ubuntu("22_04", "22.04", "20260119"),
    ubuntu("22_04", "22.04", "20260522"),
    ubuntu("24_04", "24.04", "20260916"),
    {
        ...ubuntu("22_04", "22.04", "20260522"),
        id: "ubuntu_22_04_arm64_20G_alibase_20260522.vhd",
        architecture: "arm64",
    },
    image("centos_7_9_x64_20G_alibase_20240628.vhd", "CentOS", "7.9"),
    image("aliyun_3_x64_20G_alibase_20260122.vhd", "Aliyun", "3.2104"),
];

function ubuntu(underscored: string, release: string, date: string): Image {
    return image(`ubuntu_${underscored}_x64_20G_alibase_${date}.vhd`, "Ubuntu", release);
}

function image(id: string, platform: string, release: string): Image {
    const [date = ""] = /\d{8}/.exec(id) ?? [];
    return {
        ...{ id, platform, architecture: "x86_64" },
        family: `acs:${id.split("_x64")[0] ?? ""}_x64`,
        osName: `${platform}  ${release} 64位`,
        osNameEn: `${platform}  ${release} 64 bit`,
        created: `${date.slice(0, 4)}-${date.slice(4, 6)}-${date.slice(6)}T02:00:00Z`,
    };
}

export const INSTANCE_TYPES: Readonly<Record<string, InstanceType>> = {
    "ecs.t5-lc1m1.small": { ...small(1, 1), disks: CLOUD_DISKS },
    "ecs.t6-c1m1.large": { ...small(2, 2), disks: CLOUD_DISKS },
    "ecs.t6-c1m2.large": { ...small(2, 4), disks: CLOUD_DISKS },
    "ecs.e-c1m1.large": { ...small(2, 2), disks: NEW_DISKS },
    "ecs.e-c1m2.large": { ...small(2, 4), disks: NEW_DISKS },
    "ecs.u1-c1m2.large": { ...small(2, 4), disks: NEW_DISKS },
    "ecs.g7.large": { ...small(2, 8), disks: ["cloud_essd", "cloud_auto"] },
    "ecs.g8y.small": { ...small(1, 4), architecture: "arm64", disks: ["cloud_essd", "cloud_auto"] },
};

function small(cpu: number, memory: number): Omit<InstanceType, "disks"> {
    return { cpu, memory, architecture: "x86_64" };
}

const ALL = Object.keys(INSTANCE_TYPES);
const WITHOUT_T6 = ALL.filter((type) => type !== "ecs.t6-c1m1.large");

/** Zones by region, each with the types of instances that are on sale there. */
export const ZONES: Readonly<Record<string, Readonly<Record<string, readonly string[]>>>> = {
    "cn-shanghai": {
        "cn-shanghai-b": ALL,
        "cn-shanghai-e": WITHOUT_T6,
        "cn-shanghai-g": ALL,
        "cn-shanghai-l": ALL,
    },
    "cn-hangzhou": { "cn-hangzhou-h": ALL, "cn-hangzhou-i": WITHOUT_T6, "cn-hangzhou-k": ALL },
    "ap-southeast-1": {
        "ap-southeast-1a": ALL,
        "ap-southeast-1b": WITHOUT_T6,
        "ap-southeast-1c": ALL,
    },
};

/** Regions that exist; those without zones above have none of anything. */
export const REGIONS: readonly string[] = [
    ...["cn-hangzhou", "cn-shanghai", "cn-beijing", "cn-zhangjiakou", "cn-huhehaote"],
    ...["cn-wulanchabu", "cn-shenzhen", "cn-heyuan", "cn-guangzhou", "cn-chengdu", "cn-qingdao"],
    ...["cn-nanjing", "cn-fuzhou", "cn-zhongwei", "cn-hongkong", "ap-southeast-1"],
    ...["ap-southeast-2", "ap-southeast-3", "ap-southeast-5", "ap-southeast-6", "ap-southeast-7"],
    ...["ap-southeast-8", "ap-northeast-1", "ap-northeast-2", "ap-south-1", "us-east-1"],
    ...["us-west-1", "eu-central-1", "eu-west-1", "me-east-1"],
];
