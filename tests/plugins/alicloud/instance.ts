import { CloudError, refuseIf, requireArguments } from "../cloud/errors";
import type { Configuration, Kind } from "../cloud/kind";
import { addressIn, atMostOneOf, between, oneOf, when } from "../cloud/rules";
import type { CloudObject, Properties } from "../cloud/types";
import { isObject, number, text, texts } from "../cloud/values";
import type { CloudView } from "../cloud/view";
import { decodeUserData, isBase64 } from "../cloud/user-data";
import { IMAGES, INSTANCE_TYPES, ZONES } from "./catalog";
import { instanceIpv6 } from "./ipv6";
import { refuseBadGroups } from "./key-and-name";

/** What the cloud takes before base64, in bytes. */
const MOST_USER_DATA = 32 * 1024;
/** The cloud keeps the first addresses of a switch for itself. */
const FIRST_ADDRESS = 10;
const DEFAULT_DISK_SIZE = 40;

export const instance: Kind = {
    replaces: [
        ...["availabilityZone", "dedicatedHostId", "hpcClusterId", "httpPutResponseHopLimit"],
        ...["ipv6AddressCount", "launchTemplateId", "launchTemplateName", "launchTemplateVersion"],
        ...["networkCardIndex", "networkInterfaceId", "networkInterfaceTrafficMode"],
        ...["queuePairNumber", "securityEnhancementStrategy", "sourceDestCheck"],
        ...["spotInterruptionBehavior", "spotPriceLimit", "spotStrategy", "systemDiskCategory"],
        ...["systemDiskEncryptAlgorithm", "systemDiskEncrypted", "systemDiskKmsKeyId"],
        "systemDiskStorageClusterId",
    ],
    replacesToo: (_news, configuration) =>
        replacesOnImageUpdate(configuration) ? ["imageId"] : [],
    computed: [
        ...["availabilityZone", "cpu", "cpuOptions", "createTime", "creditSpecification"],
        ...["deploymentSetGroupNo", "description", "enableJumboFrame", "expiredTime", "hostName"],
        ...["httpEndpoint", "httpPutResponseHopLimit", "httpTokens", "imageId", "imageOptions"],
        ...["instanceChargeType", "instanceName", "instanceType", "internetChargeType"],
        ...["internetMaxBandwidthIn", "internetMaxBandwidthOut", "ipv6AddressCount"],
        ...["ipv6Addresses", "keyName", "maintenanceAction", "memory", "networkCardIndex"],
        ...["networkInterfaceId", "networkInterfaceTrafficMode", "networkInterfaces", "osName"],
        ...["osType", "period", "primaryIpAddress", "privateIp", "privatePoolOptionsId"],
        ...["privatePoolOptionsMatchCriteria", "publicIp", "queuePairNumber", "resourceGroupId"],
        ...["roleName", "secondaryPrivateIpAddressCount", "secondaryPrivateIps"],
        ...["securityEnhancementStrategy", "securityGroups", "sourceDestCheck", "spotDuration"],
        ...["spotInterruptionBehavior", "spotPriceLimit", "spotStrategy", "startTime", "status"],
        ...["stoppedMode", "systemDiskAutoSnapshotPolicyId", "systemDiskCategory"],
        ...["systemDiskDescription", "systemDiskEncrypted", "systemDiskId", "systemDiskKmsKeyId"],
        ...["systemDiskName", "systemDiskPerformanceLevel", "systemDiskSize", "volumeTags"],
        ...["vpcId", "vswitchId"],
    ],
    defaults: { dryRun: false, forceDelete: false },
    rules: [
        oneOf(
            ...(["systemDiskCategory", "all", "cloud", "ephemeral_ssd", "cloud_essd"] as const),
            ...["cloud_efficiency", "cloud_ssd", "local_disk", "cloud_auto", "cloud_essd_entry"],
            ...["elastic_ephemeral_disk_premium", "elastic_ephemeral_disk_standard"],
        ),
        oneOf("systemDiskPerformanceLevel", "PL0", "PL1", "PL2", "PL3"),
        oneOf("internetChargeType", "PayByBandwidth", "PayByTraffic"),
        oneOf("instanceChargeType", "PrePaid", "PostPaid"),
        oneOf("spotStrategy", "NoSpot", "SpotAsPriceGo", "SpotWithPriceLimit"),
        oneOf("securityEnhancementStrategy", "Active", "Deactive"),
        oneOf("httpTokens", "optional", "required"),
        oneOf("httpEndpoint", "enabled", "disabled"),
        atMostOneOf("ipv6Addresses", "ipv6AddressCount"),
        between("ipv6AddressCount", 1, 10),
        between("internetMaxBandwidthOut", 0, 100),
        between("systemDiskSize", 20, 500),
        when(["userData"], ({ userData }) =>
            // The provider sends it as it is when it happens to be base64, and encodes it otherwise.
            isBase64(String(userData)) ? undefined : "user_data must be base64",
        ),
    ],
    create(inputs, view) {
        requireArguments(inputs, "imageId", "instanceType", "securityGroups", "vswitchId");
        const vswitch = view.get("Switch", inputs.vswitchId, "InvalidVSwitchId.NotFound");
        const zone = text(vswitch.facts, "zoneId");
        refuseBadMachine(inputs, view, zone);
        refuseBadGroups(inputs, vswitch.inputs.vpcId, view);
        if (inputs.keyName !== undefined) {
            view.get("EcsKeyPair", inputs.keyName, "InvalidKeyPairName.NotFound");
        }
        if (inputs.dryRun === true) {
            throw new CloudError("DryRunOperation", "Request validation has been passed.");
        }
        const id = view.newId("i-", 20);
        return { id, facts: { ...factsOf(inputs, view, vswitch), installation: 1 } };
    },
    update(object, inputs, view) {
        const vswitch = view.get("Switch", inputs.vswitchId, "InvalidVSwitchId.NotFound");
        const zone = text(vswitch.facts, "zoneId");
        if (zone !== object.facts.availabilityZone) {
            const message = "The specified VSwitch is in another zone than the instance.";
            throw new CloudError("InvalidVSwitchId.ZoneMismatch", message);
        }
        refuseBadMachine(inputs, view, zone);
        refuseBadGroups(inputs, vswitch.inputs.vpcId, view);
        return {
            ...machineFacts(inputs),
            // Another image means another system disk, with nothing on it.
            installation:
                number(object.facts, "installation") +
                (inputs.imageId === object.inputs.imageId ? 0 : 1),
        };
    },
    remove(object, view) {
        const { deletionProtection, instanceChargeType, forceDelete } = object.inputs;
        if (deletionProtection === true) {
            const message = "The operation is not allowed while deletion protection is on.";
            throw new CloudError("InvalidOperation.DeletionProtection", message);
        }
        if (instanceChargeType === "PrePaid" && forceDelete !== true) {
            const message = "The operation is not allowed for a subscription that has not expired.";
            throw new CloudError("ChargeTypeViolation", message);
        }
        for (const association of view.all("EipAssociation")) {
            if (association.inputs.instanceId === object.id) view.remove(association);
        }
        // The cloud keeps them for four weeks, which is nobody's concern.
        for (const invocation of view.all("EcsInvocation")) {
            if (texts(invocation.inputs, "instanceIds").includes(object.id))
                view.remove(invocation);
        }
    },
    describe: ({ inputs }) => ({
        installation: undefined,
        ipv6AddressIds: undefined,
        hostName: inputs.hostName ?? "",
        instanceName: inputs.instanceName ?? "ECS-Instance",
    }),
};

function replacesOnImageUpdate({ inputs }: Configuration): boolean {
    // The engine hands structured configuration over as JSON.
    const features: unknown =
        typeof inputs.features === "string" ? JSON.parse(inputs.features) : inputs.features;
    const ecs = isObject(features) ? features.ecsInstance : undefined;
    return isObject(ecs) && ecs.replaceOnImageUpdate === true;
}

function refuseBadMachine(inputs: Properties, view: CloudView, zone: string): void {
    const type = text(inputs, "instanceType");
    const known = INSTANCE_TYPES[type];
    const image = IMAGES.find(({ id }) => id === inputs.imageId);
    const disk = text(inputs, "systemDiskCategory");
    const isOnSale = ZONES[view.region]?.[zone]?.includes(type) === true;
    const size = decodeUserData(inputs.userData).length;
    refuseIf(
        [image === undefined, "InvalidImageId.NotFound", "The specified ImageId does not exist."],
        [
            ...([known === undefined, "InvalidInstanceType.ValueNotSupported"] as const),
            `The specified InstanceType does not exist: ${type}.`,
        ],
        [
            image?.architecture !== known?.architecture,
            "InvalidInstanceType.NotSupportImage",
            "The specified image does not support the specified instance type.",
        ],
        [
            ...([!isOnSale, "InvalidInstanceType.ZoneNotSupported"] as const),
            "The specified zone does not support this instancetype.",
        ],
        [
            disk !== "" && known?.disks.includes(disk) !== true,
            "InvalidSystemDiskCategory.ValueNotSupported",
            "The specified disk category is not supported by the instance type.",
        ],
        [
            ...([size > MOST_USER_DATA, "InvalidUserData.SizeExceeded"] as const),
            "The specified UserData exceeds the limit of 32 KB.",
        ],
    );
}

function machineFacts(inputs: Properties): Properties {
    const type = INSTANCE_TYPES[text(inputs, "instanceType")];
    const image = IMAGES.find(({ id }) => id === inputs.imageId);
    return { cpu: type?.cpu, memory: (type?.memory ?? 0) * 1024, osName: image?.osName };
}

function factsOf(inputs: Properties, view: CloudView, vswitch: CloudObject): Properties {
    const neighbours = view.all("Instance").length;
    const privateIp =
        text(inputs, "privateIp") ||
        addressIn(text(vswitch.inputs, "cidrBlock"), FIRST_ADDRESS + neighbours);
    const hasPublicIp = number(inputs, "internetMaxBandwidthOut") > 0;
    const publicIp = hasPublicIp ? view.newAddress("203.0.113", "QuotaExceeded.PublicIp") : "";
    return {
        ...machineFacts(inputs),
        ...{ availabilityZone: vswitch.facts.zoneId, vpcId: vswitch.inputs.vpcId },
        ...{ privateIp, primaryIpAddress: privateIp, publicIp, osType: "linux" },
        ...{ status: "Running", instanceChargeType: "PostPaid", internetMaxBandwidthOut: 0 },
        ...{ httpEndpoint: "enabled", httpTokens: "optional", spotStrategy: "NoSpot" },
        ...{ systemDiskId: view.newId("d-", 20), systemDiskCategory: "cloud_efficiency" },
        ...{ systemDiskSize: DEFAULT_DISK_SIZE, ...instanceIpv6(inputs, vswitch, view) },
        address: hasPublicIp ? publicIp : undefined,
    };
}
