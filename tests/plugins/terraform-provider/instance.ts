import { CloudError, refuseIf, requireArguments } from "../cloud/errors";
import type { Kind } from "../cloud/kind";
import { addressIn, atLeastOneOf, atMostOneOf, between, oneOf, when } from "../cloud/rules";
import type { CloudObject, Properties } from "../cloud/types";
import { isBase64 } from "../cloud/user-data";
import { number, text, texts } from "../cloud/values";
import type { CloudView } from "../cloud/view";
import { IMAGES, INSTANCE_TYPES, ZONES } from "./catalog";
import { instanceIpv6, openAddresses } from "./ipv6";

/** What the cloud takes after base64, in bytes. */
const MOST_USER_DATA = 16 * 1024;
/** The cloud keeps the first addresses of a subnet for itself. */
const FIRST_ADDRESS = 10;
const DEFAULT_DISK_SIZE = 50;
const NO_BANDWIDTH = 0;
/** What the cloud has to be told of an instance at the spot price, though the provider asks for neither. */
const SPOT = ["spotInstanceType", "spotMaxPrice"];

export const instance: Kind = {
    replaces: [
        ...["allocatePublicIp", "antiDdosPackageId", "availabilityZone", "cdhHostId"],
        ...["cpuTopology", "dataDisks", "dedicatedClusterId", "dedicatedResourcePackIds"],
        ...["dedicatedResourcePackTenancy", "hpcClusterId", "ipv4AddressType"],
        ...["ipv6AddressCount", "ipv6AddressType", "launchTemplateId", "launchTemplateVersion"],
        ...["spotMaxPrice", "systemDiskEncrypt", "systemDiskKmsKeyId"],
    ],
    replacesToo: ({ userDataReplaceOnChange }) =>
        userDataReplaceOnChange === true ? ["userData", "userDataRaw"] : [],
    computed: [
        ...["antiDdosPackageId", "availabilityZone", "camRoleName", "cdhHostId", "cdhInstanceType"],
        ...["cpu", "createTime", "dataDisks", "disableApiTermination", "disasterRecoverGroupIds"],
        ...["expiredTime", "forceStop", "hostname", "hpcClusterId", "imageId", "instanceId"],
        ...["instanceChargeType", "instanceChargeTypePrepaidRenewFlag", "instanceName"],
        ...["instanceStatus", "instanceType", "internetChargeType", "internetMaxBandwidthOut"],
        ...["ipv4AddressType", "ipv6AddressCount", "ipv6AddressType", "ipv6Addresses"],
        ...["keepImageLogin", "keyIds", "keyName", "memory", "orderlySecurityGroups", "osName"],
        ...["placementGroupId", "privateIp", "projectId", "publicIp", "publicIpv6Addresses"],
        ...["rackId", "runningFlag", "securityGroups", "subnetId", "systemDiskEncrypt"],
        ...["systemDiskId", "systemDiskKmsKeyId", "systemDiskName", "systemDiskSize"],
        ...["systemDiskType", "tags", "userData", "userDataRaw", "uuid", "vpcId"],
    ],
    defaults: {
        ...{ allocatePublicIp: false, disableAutomationService: false, forceDelete: false },
        ...{ disableMonitorService: false, disableSecurityService: false },
        userDataReplaceOnChange: false,
    },
    rules: [
        atLeastOneOf("imageId", "launchTemplateId"),
        atLeastOneOf("availabilityZone", "launchTemplateId"),
        atMostOneOf("userData", "userDataRaw"),
        atMostOneOf("keyIds", "keyName"),
        atMostOneOf("keyIds", "password"),
        atMostOneOf("securityGroups", "orderlySecurityGroups"),
        oneOf(
            ...(["systemDiskType", "CLOUD_BASIC", "CLOUD_PREMIUM", "CLOUD_SSD"] as const),
            ...["CLOUD_BSSD", "CLOUD_HSSD", "CLOUD_TSSD", "LOCAL_BASIC", "LOCAL_SSD"],
        ),
        oneOf(
            ...(["internetChargeType", "BANDWIDTH_PREPAID", "BANDWIDTH_PACKAGE"] as const),
            ...["TRAFFIC_POSTPAID_BY_HOUR", "BANDWIDTH_POSTPAID_BY_HOUR"],
        ),
        oneOf(
            ...(["instanceChargeType", "POSTPAID_BY_HOUR", "PREPAID", "SPOTPAID"] as const),
            ...["CDHPAID", "CDCPAID"],
        ),
        between("systemDiskSize", 20, 1024),
        between("internetMaxBandwidthOut", 0, 200),
        when(["userData"], ({ userData }) =>
            isBase64(String(userData)) ? undefined : "user_data must be base64",
        ),
    ],
    create(inputs, view) {
        const isSpot = inputs.instanceChargeType === "SPOTPAID";
        requireArguments(inputs, "instanceType", ...(isSpot ? SPOT : []));
        const subnet = subnetOf(inputs, view);
        refuseBadMachine(inputs, view);
        refuseBadReferences(inputs, view);
        const id = view.newId("ins-", 8);
        return { id, facts: { ...factsOf(id, inputs, view, subnet), installation: 1 } };
    },
    update(object, inputs, view) {
        refuseBadMachine(inputs, view);
        refuseBadReferences(inputs, view);
        return {
            ...machineFacts(inputs),
            // Another image means that the machine is installed again.
            installation:
                number(object.facts, "installation") +
                (inputs.imageId === object.inputs.imageId ? 0 : 1),
        };
    },
    remove(object, view) {
        if (object.inputs.disableApiTermination === true) {
            const message = "The instance is protected against termination.";
            throw new CloudError("UnsupportedOperation.InstancesProtected", message);
        }
        for (const association of view.all("EipAssociation")) {
            if (association.inputs.instanceId === object.id) view.remove(association);
        }
    },
    describe(object, view) {
        const association = view
            .all("EipAssociation")
            .find(({ inputs }) => inputs.instanceId === object.id);
        const address = view.find("Eip", association?.inputs.eipId)?.facts.publicIp;
        return {
            ...{ installation: undefined, address: undefined },
            instanceName: object.inputs.instanceName ?? "Terraform-CVM-Instance",
            // Here an elastic address is the address of the instance.
            publicIp: address ?? object.facts.publicIp,
            publicIpv6Addresses: openAddresses(object, view),
        };
    },
};

function subnetOf(inputs: Properties, view: CloudView): CloudObject | undefined {
    if (inputs.subnetId === undefined && inputs.vpcId === undefined) {
        // Then the cloud takes the account's default network.
        return undefined;
    }
    const subnet = view.get("Subnet", inputs.subnetId, "InvalidSubnetId.NotFound");
    if (subnet.inputs.vpcId !== inputs.vpcId) {
        const message = "The subnet is not in the VPC.";
        throw new CloudError("InvalidParameterValue.SubnetNotInVpc", message);
    }
    if (subnet.inputs.availabilityZone !== inputs.availabilityZone) {
        const message = "The subnet is in another zone than the instance.";
        throw new CloudError("InvalidZone.MismatchSubnet", message);
    }
    return subnet;
}

function refuseBadMachine(inputs: Properties, view: CloudView): void {
    const type = text(inputs, "instanceType");
    const zone = text(inputs, "availabilityZone");
    const image = IMAGES.find(({ id }) => id === inputs.imageId);
    const known = INSTANCE_TYPES[type];
    const types = ZONES[view.region]?.[zone];
    refuseIf(
        [image === undefined, "InvalidImageId.NotFound", "The image does not exist."],
        [known === undefined, "InvalidInstanceType.Malformed", `There is no type ${type}.`],
        [
            image?.architecture !== known?.architecture,
            "InvalidParameterValue.ImageInstanceTypeMismatch",
            "The image does not run on the instance type.",
        ],
        [types === undefined, "InvalidZone.MismatchRegion", `The zone does not exist: ${zone}.`],
        [
            types?.includes(type) !== true,
            "ResourcesSoldOut.SpecifiedInstanceType",
            `${type} is not on sale in ${zone}.`,
        ],
        [
            encodedSize(inputs) > MOST_USER_DATA,
            "InvalidParameterValue.InvalidUserDataFormat",
            "The user data must not be larger than 16 KB.",
        ],
    );
}

function encodedSize(inputs: Properties): number {
    const raw = Buffer.from(text(inputs, "userDataRaw")).toString("base64");
    return Math.max(raw.length, text(inputs, "userData").length);
}

function refuseBadReferences(inputs: Properties, view: CloudView): void {
    const groups = ["orderlySecurityGroups", "securityGroups"].flatMap((name) =>
        texts(inputs, name),
    );
    for (const id of groups) {
        view.get("SecurityGroup", id, "InvalidSecurityGroupId.NotFound");
    }
    for (const id of texts(inputs, "keyIds")) {
        view.get("KeyPair", id, "InvalidKeyPairId.NotFound");
    }
    const bandwidth = number(inputs, "internetMaxBandwidthOut");
    if (inputs.allocatePublicIp === true && bandwidth === NO_BANDWIDTH) {
        const message = "A public address needs a bandwidth.";
        throw new CloudError("InvalidParameterCombination", message);
    }
}

function machineFacts(inputs: Properties): Properties {
    const type = INSTANCE_TYPES[text(inputs, "instanceType")];
    const image = IMAGES.find(({ id }) => id === inputs.imageId);
    const raw = text(inputs, "userDataRaw");
    const encoded = text(inputs, "userData");
    return {
        ...{ cpu: type?.cpu, memory: type?.memory, osName: image?.name },
        userData: raw === "" ? encoded : Buffer.from(raw).toString("base64"),
        userDataRaw: encoded === "" ? raw : Buffer.from(encoded, "base64").toString("utf8"),
    };
}

function factsOf(
    id: string,
    inputs: Properties,
    view: CloudView,
    subnet: CloudObject | undefined,
): Properties {
    const cidr = text(subnet?.inputs ?? {}, "cidrBlock") || "172.16.0.0/20";
    const neighbours = view.all("Instance").length;
    const hasPublicIp = inputs.allocatePublicIp === true;
    const publicIp = hasPublicIp ? view.newAddress("198.51.100", "LimitExceeded.PublicIp") : "";
    return {
        ...machineFacts(inputs),
        ...instanceIpv6(inputs, subnet, view),
        ...{ instanceId: id, instanceStatus: "RUNNING", runningFlag: true, projectId: 0 },
        ...{ privateIp: addressIn(cidr, FIRST_ADDRESS + neighbours), publicIp },
        ...{ address: hasPublicIp ? publicIp : undefined, instanceChargeType: "POSTPAID_BY_HOUR" },
        ...{ internetMaxBandwidthOut: NO_BANDWIDTH, disableApiTermination: false, tags: {} },
        ...{ systemDiskId: view.newId("disk-", 8), systemDiskSize: DEFAULT_DISK_SIZE },
        ...{ systemDiskType: "CLOUD_BSSD", expiredTime: "", uuid: view.newId("", 32) },
        ...{ orderlySecurityGroups: texts(inputs, "securityGroups"), keyIds: [] },
        securityGroups: texts(inputs, "orderlySecurityGroups"),
    };
}
