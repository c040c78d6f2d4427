import { CloudError } from "../cloud/errors";
import type { CloudFunction } from "../cloud/kind";
import type { Properties } from "../cloud/types";
import { objects, text, texts } from "../cloud/values";
import { CHARGES, type Image, IMAGES, INSTANCE_TYPES, ZONES } from "./catalog";

/** What the provider has as an id of an answer: it means nothing. */
const ID = "1234567890";

function isAsked(asked: unknown, value: unknown): boolean {
    return asked === undefined || asked === "" || asked === value;
}

export const getImages: CloudFunction = (inputs) => {
    const { imageNameRegex, osName, imageId, instanceType } = inputs;
    if (imageNameRegex !== undefined && osName !== undefined) {
        const message = '"image_name_regex": conflicts with os_name';
        throw new CloudError("InvalidParameter", message);
    }
    const types = texts(inputs, "imageTypes");
    const type = INSTANCE_TYPES[String(instanceType)];
    const images = IMAGES.filter(
        (image) =>
            (types.length === 0 || types.includes("PUBLIC_IMAGE")) &&
            isAsked(imageId, image.id) &&
            isAsked(type?.architecture, image.architecture) &&
            new RegExp(text(inputs, "imageNameRegex")).test(image.name) &&
            image.name.toLowerCase().includes(text(inputs, "osName").toLowerCase()),
    );
    return { id: ID, images: images.map(toImage) };
};

function toImage({ id, name, osName, platform, architecture, createdTime }: Image): Properties {
    return {
        ...{ imageId: id, imageName: name, osName, platform, architecture, snapshots: [] },
        ...{ createdTime, imageCreator: "", imageDescription: name, imageSize: 20 },
        ...{ imageSource: "OFFICIAL", imageState: "NORMAL", imageType: "PUBLIC_IMAGE" },
        ...{ supportCloudInit: true, syncPercent: 100 },
    };
}

/** Names of filters that the cloud knows, and what they compare. */
const FILTERS: Readonly<Record<string, "zone" | "family" | "type" | "charge">> = {
    zone: "zone",
    "instance-family": "family",
    "instance-type": "type",
    "instance-charge-type": "charge",
};

export const getInstanceTypes: CloudFunction = (inputs, { region }) => {
    const { availabilityZone, cpuCoreCount, memorySize } = inputs;
    const filters = objects(inputs, "filters");
    if (availabilityZone !== undefined && filters.length > 0) {
        const message = '"availability_zone": conflicts with filter';
        throw new CloudError("InvalidParameter", message);
    }
    const offers = Object.entries(ZONES[region] ?? {}).flatMap(([zone, types]) =>
        types.flatMap((type) =>
            CHARGES.map((charge) => ({
                ...{ zone, type, charge },
                family: INSTANCE_TYPES[type]?.family ?? "",
            })),
        ),
    );
    const found = offers.filter(
        (offer) =>
            isAsked(availabilityZone, offer.zone) &&
            isAsked(cpuCoreCount, INSTANCE_TYPES[offer.type]?.cpu) &&
            isAsked(memorySize, INSTANCE_TYPES[offer.type]?.memory) &&
            filters.every((filter) =>
                texts(filter, "values").includes(offer[filterOf(text(filter, "name"))]),
            ),
    );
    const instanceTypes = found.map(({ zone, type, family, charge }) => ({
        ...{ availabilityZone: zone, instanceType: type, family, instanceChargeType: charge },
        cpuCoreCount: INSTANCE_TYPES[type]?.cpu,
        memorySize: INSTANCE_TYPES[type]?.memory,
        ...{ gpuCoreCount: 0, status: "SELL", typeName: type, statusCategory: "EnoughStock" },
    }));
    return { id: ID, instanceTypes };
};

function filterOf(name: string): "zone" | "family" | "type" | "charge" {
    const found = FILTERS[name];
    if (found === undefined) {
        throw new CloudError("InvalidFilter", `There is no filter ${name}.`);
    }
    return found;
}
