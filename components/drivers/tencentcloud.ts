import * as pulumi from "@pulumi/pulumi";
import { Eip, EipAssociation, Instance, type InstanceArgs, KeyPair } from "@pulumi/tencentcloud";

import { openPorts } from "../ports";
import type { RelayCheck } from "../relay-check/relay-check";
import {
    cloudUserData,
    type CloudSettings,
    finishCloudMachine,
    FIRST_BOOT_SECONDS,
    keyPairLine,
    keyPairName,
} from "./cloud/cloud-machine";
import type { Driver, MachineRequest, SiteRequest } from "./driver";
import { createMachineKeys, type MachineKeys } from "./ssh/machine-keys";
import { checkInstanceType, findImage } from "./tencentcloud/catalogue";
import { createTencentcloudNetwork } from "./tencentcloud/network";
import { createTencentcloudProvider, type TencentcloudCredentials } from "./tencentcloud/provider";

/** Settings that only Tencent Cloud has. */
export interface TencentcloudSettings extends CloudSettings {
    /** Credentials; without them they come from the environment. */
    readonly credentials?: TencentcloudCredentials | undefined;
}

/** Bytes before base64: the cloud takes 16 KB after it. */
const USER_DATA_LIMIT = 12_288;
/**
 * An address of the machine's own, from which it builds while clients use the old one: paid by traffic, and at most
 * what the cloud allows then, in Mbit/s. The cloud releases it when the elastic one is bound.
 */
const OWN_ADDRESS = {
    allocatePublicIp: true,
    internetChargeType: "TRAFFIC_POSTPAID_BY_HOUR",
    internetMaxBandwidthOut: 100,
} as const satisfies InstanceArgs;
/** What the cloud calls the ways to pay. */
const CHARGES = {
    postpaid: { instanceChargeType: "POSTPAID_BY_HOUR" },
    prepaid: {
        instanceChargeType: "PREPAID",
        instanceChargeTypePrepaidPeriod: 1,
        instanceChargeTypePrepaidRenewFlag: "NOTIFY_AND_AUTO_RENEW",
        // Otherwise the cloud only moves it to the recycle bin.
        forceDelete: true,
    },
    spot: {
        instanceChargeType: "SPOTPAID",
        spotInstanceType: "ONE-TIME",
        // The cloud wants a limit; it asks for the market's price, which is below the normal one.
        spotMaxPrice: "1000",
    },
} as const satisfies Record<CloudSettings["charge"], InstanceArgs>;

/**
 * Runs a relay at Tencent Cloud: a VPC with a subnet, a security group, an elastic IP address that
 * outlives the machine, and a CVM instance.
 *
 * @param settings Settings that only this place has.
 * @returns The driver.
 */
export function tencentcloudDriver(settings: TencentcloudSettings): Driver {
    return {
        // Over SSH the payload goes another way.
        userDataLimit: settings.ssh === undefined ? USER_DATA_LIMIT : undefined,
        createSite: (request, opts) => {
            const { name } = request;
            const { zone, ssh } = settings;
            const region = regionOf(zone);
            const account = { region, credentials: settings.credentials };
            const provider = createTencentcloudProvider(`${name}.${region}`, account, opts);
            // A provider with another region would look for everything there: what is made in one has to go with it.
            const child = { ...opts, provider, replacementTrigger: region };
            const ofAccount = { ...opts, provider };
            const ports = openPorts(request.ports, { sshFrom: ssh?.allowFrom });
            const network = createTencentcloudNetwork(name, zone, ports, child);
            const eip = createAddress(request, settings, child);
            return {
                address: eip.publicIp,
                createMachine: (machine) => {
                    const keys = ssh && createMachineKeys(name, opts);
                    const movesLate = keys === undefined && machine.servesAnywhere;
                    const instance = createInstance(
                        name,
                        {
                            ...instanceArgs({ name, ...settings }, ofAccount),
                            instanceName: `derp-${name}`,
                            vpcId: network.vpcId,
                            subnetId: network.subnetId,
                            orderlySecurityGroups: [network.groupId],
                            userData: cloudUserData(machine.archive, keys),
                            ...(movesLate && OWN_ADDRESS),
                            // The account has it in every region.
                            ...(keys && { keyIds: [createKeyPair(name, keys, ofAccount)] }),
                        },
                        // The provider works it out from the user data, and knows of no secret then.
                        { ...child, additionalSecretOutputs: ["userDataRaw"] },
                    );
                    const checks = movesLate
                        ? [checkBefore(name, { instance, eip }, machine, opts)]
                        : [];
                    const association = new EipAssociation(
                        name,
                        { eipId: eip.id, instanceId: instance.id },
                        // It cannot be bound twice.
                        { ...child, deleteBeforeReplace: true, dependsOn: checks },
                    );
                    const made = { instance, association, address: eip.publicIp, keys };
                    return finishCloudMachine(name, made, machine, opts);
                },
            };
        },
    };
}

/** `ap-guangzhou` of `ap-guangzhou-3`. */
function regionOf(zone: string): string {
    return zone.replace(/-\d+$/, "");
}

function createAddress(
    { name, bandwidthMbps }: SiteRequest,
    { internetCharge }: TencentcloudSettings,
    opts: pulumi.CustomResourceOptions,
): Eip {
    return new Eip(
        name,
        {
            name: `derp-${name}`,
            internetChargeType:
                internetCharge === "traffic"
                    ? "TRAFFIC_POSTPAID_BY_HOUR"
                    : "BANDWIDTH_POSTPAID_BY_HOUR",
            ...(bandwidthMbps === undefined ? {} : { internetMaxBandwidthOut: bandwidthMbps }),
        },
        opts,
    );
}

function createKeyPair(
    name: string,
    { login }: MachineKeys,
    opts: pulumi.CustomResourceOptions,
): pulumi.Output<string> {
    const pair = new KeyPair(
        name,
        {
            keyName: keyPairName(login),
            publicKey: keyPairLine(login),
        },
        opts,
    );
    return pair.id;
}

function instanceArgs(
    settings: TencentcloudSettings & { readonly name: string },
    opts: pulumi.InvokeOutputOptions,
): InstanceArgs {
    const charge = CHARGES[settings.charge];
    const wanted = { ...settings, charge: charge.instanceChargeType };
    return {
        availabilityZone: settings.zone,
        instanceType: checkInstanceType(wanted, opts),
        imageId: findImage(settings, opts),
        systemDiskType: settings.diskCategory,
        systemDiskSize: settings.diskGb,
        // In place, a change would run nothing.
        userDataReplaceOnChange: true,
        ...charge,
    };
}

function createInstance(
    name: string,
    args: InstanceArgs,
    opts: pulumi.CustomResourceOptions,
): Instance {
    return new Instance(name, args, {
        ...opts,
        ignoreChanges: [
            // A newer image is for the next machine; in place, it would wipe the disk.
            "imageId",
            // Once it is released, a refresh finds other values.
            ...Object.keys(OWN_ADDRESS),
        ],
    });
}

/** Waits for the relay of a machine that has no elastic address yet. */
function checkBefore(
    name: string,
    { instance, eip }: { readonly instance: Instance; readonly eip: Eip },
    machine: MachineRequest,
    opts: pulumi.CustomResourceOptions,
): RelayCheck {
    const address = pulumi
        .all([instance.publicIp, eip.publicIp])
        // Machines of earlier releases had none of their own, and have the elastic one already.
        .apply(([own, elastic]) => (own === "" ? elastic : own));
    const checked = { id: instance.id, address, limitSeconds: FIRST_BOOT_SECONDS };
    return machine.check(`${name}.first`, checked, opts);
}
