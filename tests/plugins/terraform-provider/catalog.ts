/** An image that everybody has. */
export interface Image {
    readonly id: string;
    readonly name: string;
    readonly osName: string;
    readonly platform: string;
    readonly architecture: "x86_64" | "arm64";
    readonly createdTime: string;
}

/** A type of instances. */
export interface InstanceType {
    readonly cpu: number;
    /** In GiB. */
    readonly memory: number;
    readonly family: string;
    readonly architecture: "x86_64" | "arm64";
}

export const IMAGES: readonly Image[] = [
    image("img-mmytdhbn", "Ubuntu Server 24.04 LTS 64位", "Ubuntu", "ubuntu24.04x86_64"),
    {
        // What an earlier month brought stays beside what this one has.
        ...image("img-9qrfy1xt", "Ubuntu Server 22.04 LTS 64位", "Ubuntu", "ubuntu22.04x86_64"),
        createdTime: "2023-05-11T09:30:00Z",
    },
    image("img-487zeit5", "Ubuntu Server 22.04 LTS 64位", "Ubuntu", "ubuntu22.04x86_64"),
    image("img-i7yhqdep", "Ubuntu Server 22.04 LTS 64位UEFI版", "Ubuntu", "ubuntu22.04x86_64"),
    image("img-22trbn9x", "Ubuntu Server 20.04.1 LTS 64位", "Ubuntu", "ubuntu20.04.1x86_64"),
    image("img-l8og963d", "CentOS 7.9 64位", "CentOS", "centos7.9x86_64"),
    image("img-eb30mz89", "TencentOS Server 3.1 (TK4)", "TencentOS", "tencentos3.1x86_64"),
    {
        ...image("img-3p6qxl9l", "Ubuntu Server 22.04 LTS for ARM", "Ubuntu", "ubuntu22.04arm64"),
        architecture: "arm64",
    },
];

function image(id: string, name: string, platform: string, osName: string): Image {
    const createdTime = "2026-03-02T09:30:00Z";
    return { id, name, platform, osName, architecture: "x86_64", createdTime };
}

export const INSTANCE_TYPES: Readonly<Record<string, InstanceType>> = {
    "SA2.SMALL2": type("SA2", 1, 2),
    "SA2.MEDIUM2": type("SA2", 2, 2),
    "S5.SMALL1": type("S5", 1, 1),
    "S5.SMALL2": type("S5", 1, 2),
    "S5.MEDIUM2": type("S5", 2, 2),
    "S5.MEDIUM4": type("S5", 2, 4),
    "SA5.MEDIUM2": type("SA5", 2, 2),
    "SR1.MEDIUM4": { ...type("SR1", 2, 4), architecture: "arm64" },
};

function type(family: string, cpu: number, memory: number): InstanceType {
    return { family, cpu, memory, architecture: "x86_64" };
}

/** Ways to pay that each type is sold for. */
export const CHARGES = ["POSTPAID_BY_HOUR", "PREPAID", "SPOTPAID"];

const ALL = Object.keys(INSTANCE_TYPES);
const WITHOUT_SA2 = ALL.filter((name) => !name.startsWith("SA2."));

/** Zones by region, each with the types of instances that are on sale there. */
export const ZONES: Readonly<Record<string, Readonly<Record<string, readonly string[]>>>> = {
    "ap-guangzhou": { "ap-guangzhou-3": ALL, "ap-guangzhou-6": ALL, "ap-guangzhou-7": WITHOUT_SA2 },
    "ap-shanghai": { "ap-shanghai-2": ALL, "ap-shanghai-5": ALL, "ap-shanghai-8": WITHOUT_SA2 },
    "ap-hongkong": { "ap-hongkong-2": ALL, "ap-hongkong-3": WITHOUT_SA2 },
    "ap-singapore": { "ap-singapore-2": ALL, "ap-singapore-4": WITHOUT_SA2 },
};

/** Regions that exist; those without zones above have none of anything. */
export const REGIONS: readonly string[] = [
    ...["ap-guangzhou", "ap-shanghai", "ap-beijing", "ap-nanjing", "ap-chengdu", "ap-chongqing"],
    ...["ap-hongkong", "ap-taipei", "ap-singapore", "ap-tokyo", "ap-seoul", "ap-bangkok"],
    ...["ap-jakarta", "ap-mumbai", "na-siliconvalley", "na-ashburn", "eu-frankfurt"],
];
