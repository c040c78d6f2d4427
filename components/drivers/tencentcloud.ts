import * as pulumi from "@pulumi/pulumi";
import {
    Eip,
    EipAssociation,
    type EipAssociationArgs,
    Instance,
    type InstanceArgs,
    KeyPair,
} from "@pulumi/tencentcloud";

import { openPorts } from "../ports";
import { applyOverSshPort, connectionTo, idAfter } from "./cloud/cloud-machine";
import { keyPairLine, keyPairName } from "./cloud/key-pair";
import type { CloudSettings } from "./cloud/settings";
import { firstBootUserData, sshUserData } from "./cloud/user-data";
import type { Driver, Machine, MachineRequest, SiteRequest } from "./driver";
import { createMachineKeys, type MachineKeys } from "./ssh/machine-keys";
import { createFirstPayload } from "./ssh/remote-payload";
import { findMachine } from "./tencentcloud/catalogue";
import { createTencentcloudNetwork } from "./tencentcloud/network";
import { createTencentcloudProvider, type TencentcloudCredentials } from "./tencentcloud/provider";

/** Settings that only Tencent Cloud has. */
export interface TencentcloudSettings extends CloudSettings {
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
 * outlives the machine, and a CVM instance.
 *
 * @param settings Settings that only this place has.
 * @returns The driver.
 */
export function tencentcloudDriver(settings: TencentcloudSettings): Driver {
    return {
        archiveLimit: undefined,
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
            const network = createTencentcloudNetwork(name, { zone, ports }, child);
            const eip = createAddress(request, settings, child);
            return {
                address: eip.publicIp,
                createMachine: (machine) => {
                    const keys = createMachineKeys(name, opts);
                    const movesLate = ssh === undefined && machine.servesAnywhere;
                    const port = request.ports.derp;
                    const boot = { keys, limit: MOST_USER_DATA, port, digest: machine.digest };
                    const instance = createInstance(
                        name,
                        {
                            ...instanceArgs({ name, ...settings }, ofAccount),
                            instanceName: `derp-${name}`,
                            vpcId: network.vpcId,
                            subnetId: network.subnetId,
                            orderlySecurityGroups: [...network.groupIds],
                            userData: ssh ? sshUserData(boot) : firstBootUserData(boot),
                            ...(movesLate && OWN_ADDRESS),
                            // The account has it in every region.
                            ...(ssh && { keyIds: [createKeyPair(name, keys, ofAccount)] }),
                        },
                        child,
                    );
                    const bind = binder(name, { eipId: eip.id, instanceId: instance.id }, child);
                    const first = { name, instance, keys, eip, port };
                    const install = ssh
                        ? applyAtElastic(ssh)
                        : movesLate
                          ? moveToElastic
                          : installAtElastic;
                    const served = install(first, machine, bind, opts);
                    network.closeAfter(served.id);
                    return served;
                },
            };
        },
    };
}

/** A machine that is to have the elastic address and a relay. */
interface NewMachine {
    readonly name: string;
    readonly instance: Instance;
    readonly keys: MachineKeys;
    readonly eip: Eip;
    /** The relay's, on which SSH is there before it. */
    readonly port: number;
}

/** Binds the elastic address to the machine, after these. */
type Bind = (...dependsOn: pulumi.Resource[]) => EipAssociation;

/** Has a machine serve at the elastic address. */
type Install = (
    machine: NewMachine,
    request: MachineRequest,
    bind: Bind,
    opts: pulumi.CustomResourceOptions,
) => Machine;

function binder(name: string, ids: EipAssociationArgs, opts: pulumi.CustomResourceOptions): Bind {
    return (...dependsOn) =>
        // It cannot be bound twice.
        new EipAssociation(name, ids, { ...opts, deleteBeforeReplace: true, dependsOn });
}

/** Applies each payload over the port for SSH. */
const applyAtElastic =
    (ssh: NonNullable<CloudSettings["ssh"]>): Install =>
    ({ name, instance, keys, eip }, request, bind, opts) => {
        const made = { instance, association: bind(), address: eip.publicIp, keys };
        return applyOverSshPort(name, { ...made, ...ssh }, request, opts);
    };

/** Installs the relay at the machine's own address, and binds the elastic one when it serves there. */
const moveToElastic: Install = (machine, { archive, check }, bind, opts) => {
    const { name, instance, keys, port } = machine;
    const address = instance.publicIp;
    const connection = connectionTo(keys, address, port);
    const payload = createFirstPayload(name, { connection, archive, instance }, opts);
    const first = check(`${name}.first`, { id: idAfter(instance, payload), address }, opts);
    return { id: idAfter(instance, payload, bind(first)) };
};

/** Binds the elastic address first: an authority has to find the machine there before the relay serves. */
const installAtElastic: Install = (machine, { archive }, bind, opts) => {
    const { name, instance, keys, eip, port } = machine;
    const connection = connectionTo(keys, eip.publicIp, port);
    const request = { connection, archive, instance };
    const payload = createFirstPayload(name, request, { ...opts, dependsOn: [bind()] });
    return { id: idAfter(instance, payload) };
};

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
    name: string,
    args: InstanceArgs,
    opts: pulumi.CustomResourceOptions,
): Instance {
    return new Instance(name, args, {
        ...opts,
        // The provider works it out from the user data, and knows of no secret then.
        additionalSecretOutputs: ["userDataRaw"],
        ignoreChanges: [
            // A newer image is for the next machine; in place, it would wipe the disk.
            "imageId",
            // Once it is released, a refresh finds other values.
            ...Object.keys(OWN_ADDRESS),
        ],
    });
}
