import type * as pulumi from "@pulumi/pulumi";
import {
    type Eip,
    EipAssociation,
    type EipAssociationArgs,
    type Instance,
} from "@pulumi/tencentcloud";

import { applyOverSshPort, connectionTo, idAfter } from "../cloud/cloud-machine";
import type { CloudSettings } from "../cloud/settings";
import type { Machine, MachineRequest } from "../driver";
import type { MachineKeys } from "../ssh/machine-keys";
import { createFirstPayload } from "../ssh/remote-payload";
import { type Ipv6Access, ipv6Script } from "./ipv6";

/** A machine that is to have the elastic address and a relay. */
interface NewMachine {
    /** Name of the region. */
    readonly name: string;
    /** The machine. */
    readonly instance: Instance;
    /** Its SSH keys. */
    readonly keys: MachineKeys;
    /** The elastic address. */
    readonly eip: Eip;
    /** The relay's, on which SSH is there before it. */
    readonly port: number;
    /** Its IPv6 address; undefined without one. */
    readonly ipv6: Ipv6Access | undefined;
}

/** Binds the elastic address to the machine, after these. */
export type Bind = (...dependsOn: pulumi.Resource[]) => EipAssociation;

/** Has a machine serve at the elastic address. */
export type Install = (
    machine: NewMachine,
    request: MachineRequest,
    bind: Bind,
    opts: pulumi.CustomResourceOptions,
) => Machine;

/**
 * Prepares the binding of an elastic address to a machine, for whoever knows when.
 *
 * @param name Name of the resource.
 * @param ids IDs of both. Changing one takes the address off the old machine first.
 * @param opts Passed to the resource.
 * @returns What binds it.
 */
export function binder(
    name: string,
    ids: EipAssociationArgs,
    opts: pulumi.CustomResourceOptions,
): Bind {
    return (...dependsOn) =>
        // It cannot be bound twice.
        new EipAssociation(name, ids, { ...opts, deleteBeforeReplace: true, dependsOn });
}

/**
 * How the relay gets on a machine.
 *
 * @param ssh Who may use SSH; undefined where there is no port for it.
 * @param movesLate Whether the elastic address stays with the old machine until the new one serves.
 * @returns What installs it.
 */
export function chooseInstall(ssh: CloudSettings["ssh"], movesLate: boolean): Install {
    return ssh ? applyAtElastic(ssh) : movesLate ? moveToElastic : installAtElastic;
}

/** What the machine is told before its relay is installed. */
function prepareFor(ipv6: Ipv6Access | undefined): pulumi.Output<string> | undefined {
    return ipv6?.address.apply(ipv6Script);
}

/** Nothing is installed without its address: until it has one, the elastic one stays with the machine that serves. */
function wayOf(ipv6: Ipv6Access | undefined): pulumi.Resource[] {
    return ipv6 === undefined ? [] : [ipv6.way];
}

/** Applies each payload over the port for SSH. */
const applyAtElastic =
    (ssh: NonNullable<CloudSettings["ssh"]>): Install =>
    ({ name, instance, keys, eip, ipv6 }, request, bind, opts) => {
        const association = bind(...wayOf(ipv6));
        const prepare = prepareFor(ipv6);
        const made = { instance, association, address: eip.publicIp, keys, prepare };
        return applyOverSshPort(name, { ...made, ...ssh }, request, opts);
    };

/** Installs the relay at the machine's own address, and binds the elastic one when it serves there. */
const moveToElastic: Install = (machine, { archive, check }, bind, opts) => {
    const { name, instance, keys, port } = machine;
    const address = instance.publicIp;
    const connection = connectionTo(keys, address, port);
    const prepare = prepareFor(machine.ipv6);
    const payload = createFirstPayload(name, { connection, archive, prepare, instance }, opts);
    const first = check(`${name}.first`, { id: idAfter(instance, payload), address }, opts);
    return { id: idAfter(instance, payload, bind(first)) };
};

/** Binds the elastic address first: an authority has to find the machine there before the relay serves. */
const installAtElastic: Install = (machine, { archive }, bind, opts) => {
    const { name, instance, keys, eip, port, ipv6 } = machine;
    const connection = connectionTo(keys, eip.publicIp, port);
    const request = { connection, archive, prepare: prepareFor(ipv6), instance };
    const payload = createFirstPayload(name, request, {
        ...opts,
        dependsOn: [bind(...wayOf(ipv6))],
    });
    return { id: idAfter(instance, payload) };
};
