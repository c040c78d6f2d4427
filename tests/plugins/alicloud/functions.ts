import { CloudError } from "../cloud/errors";
import type { CloudFunction } from "../cloud/kind";
import type { Properties } from "../cloud/types";
import { text, texts } from "../cloud/values";
import { type Image, IMAGES, INSTANCE_TYPES, ZONES } from "./catalog";

/** What the provider has as an id of an answer: it means nothing. */
const ID = "1234567890";

/** Whether a value is the one asked for, if any was. */
function isAsked(asked: unknown, value: unknown): boolean {
    return asked === undefined || asked === "" || asked === value;
}

export const getImages: CloudFunction = (inputs) => {
    const { nameRegex, owners, imageOwnerId, mostRecent, instanceType } = inputs;
    if ([nameRegex, owners, imageOwnerId].every((value) => value === undefined)) {
        const message = "One of name_regex, owners or image_owner_id must be assigned";
        throw new CloudError("MissingParameter", message);
    }
    const type = INSTANCE_TYPES[String(instanceType)];
    // Everybody's images are the only ones there are.
    const isSystem = isAsked(owners, "system") && isAsked(inputs.osType, "linux");
    const found = IMAGES.filter(
        (image) =>
            new RegExp(text(inputs, "nameRegex")).test(image.id) &&
            isSystem &&
            isAsked(inputs.imageId, image.id) &&
            isAsked(inputs.imageName, image.id) &&
            isAsked(inputs.imageFamily, image.family) &&
            isAsked(inputs.architecture, image.architecture) &&
            isAsked(type?.architecture, image.architecture),
    ).toSorted((one, other) => other.created.localeCompare(one.created));
    const images = mostRecent === true ? found.slice(0, 1) : found;
    return { id: ID, ids: images.map(({ id }) => id), images: images.map(toImage) };
};

function toImage({ id, created, architecture, osName, osNameEn, platform }: Image): Properties {
    return {
        ...{ id, imageId: id, name: id, architecture, osName, osNameEn, platform },
        ...{ creationTime: created, description: "", diskDeviceMappings: [], imageVersion: "" },
        ...{ imageOwnerAlias: "system", isCopied: false, isSelfShared: "", isSubscribed: false },
        ...{ isSupportIoOptimized: true, osType: "linux", productCode: "", progress: "100%" },
        ...{ size: 20, state: "Available", status: "Available", usage: "none" },
    };
}

function familyOf(type: string): string {
    return type.split(".").slice(0, 2).join(".");
}

export const getInstanceTypes: CloudFunction = (inputs, { region }) => {
    const zones = Object.entries(ZONES[region] ?? {}).filter(([zone]) =>
        isAsked(inputs.availabilityZone, zone),
    );
    const disk = text(inputs, "systemDiskCategory");
    const found = Object.entries(INSTANCE_TYPES).filter(
        ([id, type]) =>
            zones.some(([, types]) => types.includes(id)) &&
            isAsked(inputs.instanceType, id) &&
            isAsked(inputs.cpuCoreCount, type.cpu) &&
            isAsked(inputs.memorySize, type.memory) &&
            isAsked(inputs.instanceTypeFamily, familyOf(id)) &&
            (disk === "" || type.disks.includes(disk)),
    );
    const instanceTypes = found.map(([id, { cpu, memory }]) => ({
        ...{ id, instanceType: id, instanceTypeFamily: familyOf(id), name: id, nameEn: id },
        ...{ cpuCoreCount: cpu, memorySize: memory, defaultResolution: "" },
        ...{ eniAmount: 2, availabilityZones: zones.map(([zone]) => zone) },
    }));
    return { id: ID, ids: found.map(([id]) => id), instanceTypes };
};

export const getZones: CloudFunction = (inputs, { region }) => {
    const { availableInstanceType, availableDiskCategory } = inputs;
    const all = Object.entries(ZONES[region] ?? {});
    const disksOf = (types: readonly string[]): string[] => [
        ...new Set(types.flatMap((type) => INSTANCE_TYPES[type]?.disks ?? [])),
    ];
    const found = all.filter(
        ([, types]) =>
            (availableInstanceType === undefined ||
                types.includes(text(inputs, "availableInstanceType"))) &&
            (availableDiskCategory === undefined ||
                disksOf(types).includes(text(inputs, "availableDiskCategory"))),
    );
    const zones = found.map(([id, types]) => ({
        ...{ id, localName: id, multiZoneIds: [], slbSlaveZoneIds: [] },
        ...{ availableInstanceTypes: types, availableDiskCategories: disksOf(types) },
        availableResourceCreations: ["VSwitch", "Instance", "Disk"],
    }));
    return { id: ID, ids: found.map(([id]) => id), zones };
};

export const getIpv6Addresses: CloudFunction = (inputs, view) => {
    const instances = view
        .all("Instance")
        .filter(
            ({ id, inputs: own, facts }) =>
                isAsked(inputs.associatedInstanceId, id) &&
                isAsked(inputs.vswitchId, own.vswitchId) &&
                isAsked(inputs.vpcId, facts.vpcId) &&
                isAsked(inputs.status, "Available"),
        );
    const addresses = instances.flatMap(({ id: associatedInstanceId, inputs: own, facts }) =>
        texts(facts, "ipv6AddressIds").map((id, index) => ({
            ...{ id, ipv6AddressId: id, status: "Available", ipv6AddressName: "" },
            ...{ associatedInstanceId, associatedInstanceType: "EcsInstance" },
            ...{ ipv6Address: texts(facts, "ipv6Addresses")[index] },
            ...{ vpcId: facts.vpcId, vswitchId: own.vswitchId },
        })),
    );
    const ids = addresses.map(({ id }) => id);
    return { id: ID, ids, names: addresses.map((each) => each.ipv6AddressName), addresses };
};
