import { EcsKeyPair } from "@pulumi/alicloud/ecs/ecsKeyPair";
import { EipAddress } from "@pulumi/alicloud/ecs/eipAddress";
import { EipAssociation } from "@pulumi/alicloud/ecs/eipAssociation";
import { Instance, type InstanceArgs } from "@pulumi/alicloud/ecs/instance";
import type * as pulumi from "@pulumi/pulumi";

import { MOST_IN_COMMANDS } from "../cloud-init/deliver";
import { openPorts } from "../ports";
import { type AlicloudCharge, findMachine } from "./alicloud/catalogue";
import { applyByCommand } from "./alicloud/cloud-assistant";
import { openIpv6 } from "./alicloud/ipv6";
import { createAlicloudNetwork } from "./alicloud/network";
import { type AlicloudCredentials, createAlicloudProvider } from "./alicloud/provider";
import { applyOverSshPort } from "./cloud/cloud-machine";
import { keyPairLine, keyPairName } from "./cloud/key-pair";
import { type CloudSettings, STANDARD_BANDWIDTH } from "./cloud/settings";
import { firstBootUserData, sshUserData } from "./cloud/user-data";
import type { Driver, SiteRequest } from "./driver";
import { createMachineKeys, type MachineKeys } from "./ssh/machine-keys";

/** Settings that only Alibaba Cloud has. */
export interface AlicloudSettings extends CloudSettings {
    /** Whether the metadata service wants a token. Changing it changes the service only. */
    readonly metadataTokens: "required" | "optional";
    /** Whether clients come over IPv6 as well. Turned on, it replaces the machine. */
    readonly ipv6?: boolean | undefined;
    /** Credentials; without them they come from the environment. */
    readonly credentials?: AlicloudCredentials | undefined;
}

/** What the cloud calls the ways to pay. */
const CHARGES = {
    postpaid: { instanceChargeType: "PostPaid" },
    prepaid: {
        instanceChargeType: "PrePaid",
        period: 1,
        periodUnit: "Month",
        renewalStatus: "AutoRenewal",
        autoRenewPeriod: 1,
        // Otherwise the cloud refuses to delete it before the month is over.
        forceDelete: true,
    },
    spot: { instanceChargeType: "PostPaid", spotStrategy: "SpotAsPriceGo" },
} as const satisfies Record<CloudSettings["charge"], AlicloudCharge & InstanceArgs>;
/** What it calls the ways to pay for traffic. */
const TRAFFIC = { traffic: "PayByTraffic", bandwidth: "PayByBandwidth" } as const;
/** Most bytes of user data, before base64, that all pages of the cloud agree on (2026-11). */
const MOST_USER_DATA = 16_384;

/**
 * Runs a relay at Alibaba Cloud: a VPC with a switch, a security group, an elastic IP address that
 * outlives the machine, and an ECS instance; with IPv6, a gateway and the bandwidth of the machine's address.
 *
 * @param settings Settings that only this place has.
 * @returns The driver.
 */
export function alicloudDriver(settings: AlicloudSettings): Driver {
    return {
        archiveLimit: settings.ssh === undefined ? MOST_IN_COMMANDS : undefined,
        createSite: (request, opts) => {
            const { name } = request;
            const { zone, ssh, ipv6 = false } = settings;
            const region = regionOf(zone);
            const account = { region, credentials: settings.credentials };
            const provider = createAlicloudProvider(`${name}.${region}`, account, opts);
            // A provider with another region would look for everything there: what is made in one has to go with it.
            const child = { ...opts, provider, replacementTrigger: region };
            const ports = openPorts(request.ports, { sshFrom: ssh?.allowFrom, ipv6 });
            const network = createAlicloudNetwork(name, { zone, ports, ipv6 }, child);
            const eip = createAddress(request, settings, child);
            return {
                address: eip.ipAddress,
                createMachine: (machine) => {
                    const keys = createMachineKeys(name, opts);
                    const boot = { keys, limit: MOST_USER_DATA, port: request.ports.derp };
                    const instance = createInstance(
                        name,
                        {
                            ...instanceArgs({ name, ...settings }, { ...opts, provider }),
                            instanceName: `derp-${name}`,
                            vswitchId: network.switchId,
                            securityGroups: [network.groupId],
                            ...(ipv6 && { ipv6AddressCount: 1 }),
                            userData: ssh ? sshUserData(boot) : firstBootUserData(boot),
                            ...(ssh && { keyName: createKeyPair(name, keys, child) }),
                        },
                        { ...child, ...replacing(region, settings) },
                    );
                    const association = new EipAssociation(
                        name,
                        { allocationId: eip.id, instanceId: instance.id },
                        // It cannot be bound twice.
                        { ...child, deleteBeforeReplace: true },
                    );
                    const made = { instance, association, address: eip.ipAddress, keys };
                    const finished =
                        ssh === undefined
                            ? applyByCommand(name, { ...made, port: boot.port }, machine, child)
                            : applyOverSshPort(name, { ...made, ...ssh }, machine, opts);
                    const gatewayId = network.ipv6GatewayId;
                    const access = { instance, gatewayId, ...ipv6Traffic(request, settings) };
                    const ipv6Address = openIpv6(name, access, child);
                    return { ...finished, ipv6: ipv6Address };
                },
            };
        },
    };
}

/** `cn-shanghai` of `cn-shanghai-b`, `ap-southeast-1` of `ap-southeast-1a`. */
function regionOf(zone: string): string {
    return zone.replace(/-?[a-z]$/, "");
}

function createAddress(
    { name, bandwidthMbps }: SiteRequest,
    { internetCharge }: AlicloudSettings,
    opts: pulumi.CustomResourceOptions,
): EipAddress {
    return new EipAddress(
        name,
        {
            addressName: `derp-${name}`,
            internetChargeType: TRAFFIC[internetCharge],
            ...(bandwidthMbps === undefined ? {} : { bandwidth: String(bandwidthMbps) }),
        },
        opts,
    );
}

/** The same for the IPv6 address. */
function ipv6Traffic({ bandwidthMbps }: SiteRequest, { internetCharge }: AlicloudSettings) {
    return {
        bandwidth: bandwidthMbps ?? STANDARD_BANDWIDTH,
        internetChargeType: TRAFFIC[internetCharge],
    };
}

function createKeyPair(
    name: string,
    { login }: MachineKeys,
    opts: pulumi.CustomResourceOptions,
): pulumi.Output<string> {
    const pair = new EcsKeyPair(
        name,
        { keyPairName: keyPairName(login), publicKey: keyPairLine(login) },
        // The provider would keep the old key without a word.
        { ...opts, replaceOnChanges: ["publicKey"] },
    );
    return pair.keyPairName;
}

function instanceArgs(
    settings: AlicloudSettings & { readonly name: string },
    opts: pulumi.InvokeOptions,
): InstanceArgs {
    const charge = CHARGES[settings.charge];
    const found = findMachine({ ...settings, charge }, opts);
    return {
        availabilityZone: settings.zone,
        instanceType: found.instanceType,
        imageId: found.imageId,
        systemDiskCategory: settings.diskCategory,
        systemDiskSize: settings.diskGb,
        httpTokens: settings.metadataTokens,
        httpEndpoint: "enabled",
        ...charge,
    };
}

/**
 * A machine that commands change keeps the user data of its first boot; a later one, with another port, is for its
 * successor. When commands come or go, so does the machine, and so did those to which user data brought the payload.
 * The cloud makes no spot instance out of another one or the other way round, and the provider would not notice.
 */
function replacing(
    region: string,
    { ssh, charge }: AlicloudSettings,
): pulumi.CustomResourceOptions {
    const byCommand = ssh === undefined ? " by command, after SSH" : "";
    return {
        ...(ssh === undefined && { ignoreChanges: ["userData"] }),
        replacementTrigger: `${region}${byCommand}${charge === "spot" ? ", spot" : ""}`,
    };
}

function createInstance(
    name: string,
    args: InstanceArgs,
    opts: pulumi.CustomResourceOptions,
): Instance {
    return new Instance(name, args, {
        ...opts,
        // In place, a change would reboot the machine and run nothing. SSH comes and goes with a new machine.
        replaceOnChanges: ["userData", "keyName"],
        // A newer image is for the next machine; in place, it would wipe the disk.
        ignoreChanges: ["imageId", ...(opts.ignoreChanges ?? [])],
    });
}
