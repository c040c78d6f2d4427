import * as pulumi from "@pulumi/pulumi";
import { Eip, Instance, type InstanceArgs, KeyPair } from "@pulumi/tencentcloud";

import { openPorts } from "../ports";
import { keyPairLine, keyPairName } from "./cloud/key-pair";
import { type CloudSettings, STANDARD_BANDWIDTH } from "./cloud/settings";
import { firstBootUserData, sshUserData } from "./cloud/user-data";
import type { Driver, Machine, MachineRequest, SiteRequest } from "./driver";
import { createMachineKeys, type MachineKeys } from "./ssh/machine-keys";
import { findMachine } from "./tencentcloud/catalogue";
import { binder, chooseInstall } from "./tencentcloud/install";
import { type Ipv6Access, openIpv6 } from "./tencentcloud/ipv6";
import { createTencentcloudNetwork, type TencentcloudNetwork } from "./tencentcloud/network";
import { createTencentcloudProvider, type TencentcloudCredentials } from "./tencentcloud/provider";

/** Settings that only Tencent Cloud has. */
export interface TencentcloudSettings extends CloudSettings {
    /** Whether clients come over IPv6 as well. Changing it replaces the machine. */
    readonly ipv6?: boolean | undefined;
    /** Credentials; without them they come from the environment. */
    readonly credentials?: TencentcloudCredentials | undefined;
}

/**
 * An address of the machine's own, from which it builds while clients use the old one: paid by traffic, and at most
 * what the cloud allows then, in Mbit/s. The cloud releases it when the elastic one is bound.
 */
const OWN_ADDRESS = {
    allocatePublicIp: true,
    internetChargeType: "TRAFFIC_POSTPAID_BY_HOUR",
    internetMaxBandwidthOut: 100,
} as const satisfies InstanceArgs;
/** Most bytes of user data, before base64: 16 KB after it. */
const MOST_USER_DATA = 12_288;
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
/** What it calls the ways to pay for traffic. */
const TRAFFIC = {
    traffic: "TRAFFIC_POSTPAID_BY_HOUR",
    bandwidth: "BANDWIDTH_POSTPAID_BY_HOUR",
} as const;

/**
 * Runs a relay at Tencent Cloud: a VPC with a subnet, a security group, an elastic IP address that
 * outlives the machine, and a CVM instance; with IPv6, ranges of the network and the bandwidth of the machine's address.
 *
 * @param settings Settings that only this place has.
 * @returns The driver.
 */
export function tencentcloudDriver(settings: TencentcloudSettings): Driver {
    return {
        archiveLimit: undefined,
        createSite: (request, opts) => {
            const site = createSite(settings, request, opts);
            return {
                address: site.eip.publicIp,
                createMachine: (machine) => createMachine(settings, site, machine),
            };
        },
    };
}

/** What outlives the machine. */
interface Site {
    readonly request: SiteRequest;
    readonly region: string;
    readonly network: TencentcloudNetwork;
    readonly eip: Eip;
    /** Options of what belongs to no account. */
    readonly opts: pulumi.CustomResourceOptions;
    /** The same of what the account has in every region. */
    readonly ofAccount: pulumi.CustomResourceOptions;
    /** The same of what goes with the region. */
    readonly ofRegion: pulumi.CustomResourceOptions;
}

function createSite(
    settings: TencentcloudSettings,
    request: SiteRequest,
    opts: pulumi.CustomResourceOptions,
): Site {
    const { name } = request;
    const { zone, ssh, ipv6 = false } = settings;
    const region = regionOf(zone);
    const account = { region, credentials: settings.credentials };
    const provider = createTencentcloudProvider(`${name}.${region}`, account, opts);
    const ofAccount = { ...opts, provider };
    const ofRegion = {
        ...ofAccount,
        // A provider with another region would look for everything there: what is made in one has to go with it.
        replacementTrigger: region,
        // The bridge would delete first whatever has a name, though names need not be unique here: the old machine serves
        // until the new one does, and a subnet cannot go while a machine is in it.
        deleteBeforeReplace: false,
    };
    const ports = openPorts(request.ports, { sshFrom: ssh?.allowFrom, ipv6 });
    const network = createTencentcloudNetwork(name, { zone, ports, ipv6 }, ofRegion);
    const eip = createAddress(request, settings, ofRegion);
    return { request, region, network, eip, opts, ofAccount, ofRegion };
}

function createMachine(
    settings: TencentcloudSettings,
    site: Site,
    machine: MachineRequest,
): Machine {
    const { request, network, eip, opts, ofRegion } = site;
    const { name, ports } = request;
    const { ssh } = settings;
    const keys = createMachineKeys(name, opts);
    const movesLate = ssh === undefined && machine.servesAnywhere;
    const boot = { keys, limit: MOST_USER_DATA, port: ports.derp, digest: machine.digest };
    const instance = createInstance(settings, site, {
        userData: ssh ? sshUserData(boot) : firstBootUserData(boot),
        ...(movesLate && OWN_ADDRESS),
        ...(ssh && { keyIds: [createKeyPair(name, keys, site.ofAccount)] }),
    });
    const bind = binder(name, { eipId: eip.id, instanceId: instance.id }, ofRegion);
    const ipv6 = accessTo(instance, settings, site);
    const made = { name, instance, keys, eip, port: ports.derp, ipv6 };
    const served = chooseInstall(ssh, movesLate)(made, machine, bind, opts);
    network.closeAfter(served.id);
    const address = ipv6?.address;
    return { ...served, ipv6: movesLate ? address && after(served.id, address) : address };
}

/** The IPv6 address that clients dial, and the way to it; undefined without one. */
function accessTo(
    instance: Instance,
    { ipv6 }: TencentcloudSettings,
    { request, ofRegion }: Site,
): Ipv6Access | undefined {
    const { name, bandwidthMbps: bandwidth = STANDARD_BANDWIDTH } = request;
    return ipv6 === true ? openIpv6(name, { instance, bandwidth }, ofRegion) : undefined;
}

/** While the old machine serves, nobody is to look for the new one. */
function after(served: pulumi.Output<string>, address: pulumi.Output<string>) {
    return pulumi.all([served, address]).apply(([, value]) => value);
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
            internetChargeType: TRAFFIC[internetCharge],
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

type NamedSettings = TencentcloudSettings & { readonly name: string };

/** In every preview, so that nobody finds out from the bill. */
function warnOfPaidMonth(
    { name, charge, ssh }: NamedSettings,
    { parent }: pulumi.InvokeOptions,
): void {
    if (charge === "prepaid" && ssh === undefined) {
        void pulumi.log.warn(
            `place.charge of region ${name} is prepaid, and without place.ssh every change of what runs on its machine ` +
                "makes another one: that buys another month, and gives up the rest of the one that is paid. " +
                "Ways out: place.ssh.allowFrom, with which later changes are applied in place (adding it makes another " +
                "machine once more), or place.charge postpaid.",
            parent,
        );
    }
}

function instanceArgs(settings: NamedSettings, opts: pulumi.InvokeOptions): InstanceArgs {
    warnOfPaidMonth(settings, opts);
    const charge = CHARGES[settings.charge];
    const found = findMachine({ ...settings, charge: charge.instanceChargeType }, opts);
    return {
        availabilityZone: settings.zone,
        instanceType: found.instanceType,
        imageId: found.imageId,
        systemDiskType: settings.diskCategory,
        systemDiskSize: settings.diskGb,
        // In place, a change would run nothing.
        userDataReplaceOnChange: true,
        ...charge,
    };
}

function createInstance(
    settings: TencentcloudSettings,
    { request: { name }, region, network, ofAccount, ofRegion }: Site,
    args: InstanceArgs,
): Instance {
    const hasIpv6 = settings.ipv6 === true;
    return new Instance(
        name,
        {
            ...instanceArgs({ name, ...settings }, ofAccount),
            instanceName: `derp-${name}`,
            vpcId: network.vpcId,
            subnetId: network.subnetId,
            orderlySecurityGroups: [...network.groupIds],
            ...(hasIpv6 && { ipv6AddressCount: 1 }),
            ...args,
        },
        {
            ...ofRegion,
            // The machine keeps its address as long as it is there, and the network its ranges as long as one is in use.
            replacementTrigger: hasIpv6 ? `${region} with IPv6` : region,
            // The provider works it out from the user data, and knows of no secret then.
            additionalSecretOutputs: ["userDataRaw"],
            ignoreChanges: [
                // A newer image is for the next machine; in place, it would wipe the disk.
                "imageId",
                // Once it is released, a refresh finds other values.
                ...Object.keys(OWN_ADDRESS),
            ],
        },
    );
}
