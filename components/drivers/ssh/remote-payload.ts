import { remote } from "@pulumi/command";
import * as pulumi from "@pulumi/pulumi";

import { INSTALL_AT_FIRST_BOOT_COMMAND } from "../../cloud-init/first-boot";
import { applyOverSsh, PREPARE, uninstallOverSsh } from "../../cloud-init/deliver";
import { replaceCommand } from "../../pulumi-command";
import { withConnectionAdvice } from "./connection-advice";

/** How to connect to a machine. */
export interface SshConnection {
    /** Address of the machine. */
    readonly host: pulumi.Input<string>;
    /** TCP port of SSH. */
    readonly port: number;
    /** root, or a user who may use `sudo -n`. */
    readonly user: string;
    /** Private key to log in with; a secret. */
    readonly privateKey: pulumi.Input<string>;
    /** Host key that the machine must have. */
    readonly hostKey: pulumi.Input<string>;
}

/** A payload, and how to bring it. */
interface Delivery {
    /** How to connect. */
    readonly connection: SshConnection;
    /** The payload, packed, in base64; a secret. */
    readonly archive: pulumi.Output<string>;
    /** Shell script that is run before, as root, and without which nothing is installed; undefined for none. */
    readonly prepare?: pulumi.Output<string> | undefined;
}

/** What {@link createFirstPayload} needs to know. */
export interface FirstPayloadArgs extends Delivery {
    /** The machine. A new one gets the payload. */
    readonly instance: pulumi.CustomResource;
}

/** What {@link createRemotePayload} needs to know. */
export interface RemotePayloadArgs extends Delivery {
    /** The machine. A new one gets the payload. */
    readonly machineId: pulumi.Input<string>;
    /** Whose relay it is, as `stack/region`, where the machine does not go with it; see {@link connectToServer}. */
    readonly owner?: string;
}

/** What {@link connectToServer} needs to know. */
export interface ServerArgs {
    /** How to connect. */
    readonly connection: SshConnection;
    /** The machine. With another one, the relay is taken off this one. */
    readonly machineId: string;
    /** Whose relay it is, as `stack/region`: that of another region or stack is left. */
    readonly owner: string;
}

/**
 * Connections that may fail, with a pause before each that grows to 5 seconds: minutes for a machine that boots,
 * seconds for a server that is there, where a refused key stays refused.
 */
const DIAL_ERRORS = { booting: 60, there: 6 };

/**
 * Keeps what runs on a machine as it should be, over SSH: a changed payload is applied in place. The installer's log
 * shows in Pulumi's output. Another way to connect applies the payload once more, which changes nothing.
 *
 * @param name Name of the resource.
 * @param args What to apply, and where.
 * @param opts Passed to the resource; it depends on what the connection needs.
 * @returns The resource; there when the installer has succeeded.
 */
export function createRemotePayload(
    name: string,
    { connection, archive, prepare, machineId, owner }: RemotePayloadArgs,
    opts: pulumi.CustomResourceOptions,
): remote.Command {
    const dialErrorLimit = owner === undefined ? DIAL_ERRORS.booting : DIAL_ERRORS.there;
    const apply = asRoot(connection.user, applyOverSsh(owner, prepare !== undefined));
    return new remote.Command(
        name,
        {
            connection: { ...connection, dialErrorLimit },
            create: apply,
            update: apply,
            stdin: inputOf({ archive, prepare }),
            triggers: [machineId],
            // sshd takes no variables, and the provider would warn of each.
            addPreviousOutputInEnv: false,
        },
        // In stacks of earlier versions, this took the relay off a server: before it is installed again, not after.
        { ...opts, deleteBeforeReplace: owner !== undefined },
    );
}

/**
 * Logs in to a server before anything is done to it, and takes the relay off it at `destroy`: also one whose installation
 * has failed, because a command that has failed to create something deletes nothing.
 *
 * @param name Name of the region.
 * @param args Which server, and whose relay.
 * @param opts Passed to the resource.
 * @returns The resource; what installs the relay depends on it.
 */
export function connectToServer(
    name: string,
    { connection, machineId, owner }: ServerArgs,
    opts: pulumi.CustomResourceOptions,
): remote.Command {
    return new remote.Command(
        `${name}.server`,
        {
            connection: { ...connection, dialErrorLimit: DIAL_ERRORS.there },
            // A server that nobody can log in to has nothing to be taken off.
            create: asRoot(connection.user, "true"),
            delete: asRoot(connection.user, uninstallOverSsh(owner)),
            triggers: [machineId],
            addPreviousOutputInEnv: false,
        },
        // The old server may not be there for much longer.
        { ...opts, deleteBeforeReplace: true },
    );
}

/**
 * Installs the relay over SSH on a machine that nobody can log in to afterwards: what changes later changes nothing on
 * it, and only another machine gets it.
 *
 * @param name Name of the resource.
 * @param args What to install, and where.
 * @param opts Passed to the resource; it depends on what the connection needs.
 * @returns The resource; there when the installer has succeeded.
 */
export function createFirstPayload(
    name: string,
    { connection, archive, prepare, instance }: FirstPayloadArgs,
    opts: pulumi.CustomResourceOptions,
): remote.Command {
    const advice = pulumi
        .all([connection.host, instance.urn])
        .apply(
            ([host, urn]) =>
                `the relay of region ${name} was not installed, because nobody could log in over SSH at ` +
                `${host}:${String(connection.port)} (a machine from before a change of ports.derp waits on the old ` +
                "port), or the connection was lost: docs/places.md#the-first-connection says where to look. " +
                `To make the machine anew: ${replaceCommand(urn)}`,
        );
    return new remote.Command(
        name,
        {
            connection: { ...connection, dialErrorLimit: DIAL_ERRORS.booting },
            create: (prepare === undefined ? "" : PREPARE) + INSTALL_AT_FIRST_BOOT_COMMAND,
            stdin: inputOf({ archive, prepare }),
            triggers: [instance.id],
            addPreviousOutputInEnv: false,
        },
        withConnectionAdvice(name, advice, {
            ...opts,
            // A changed input would have the command run once more, on a machine that may have another address by
            // now, and whose port is the relay's. Stacks of earlier versions lack the first of these.
            ignoreChanges: ["addPreviousOutputInEnv", "connection", "create", "stdin"],
        }),
    );
}

/** Standard input: what a diff shows of it is that it is secret, and an error shows none of it. */
function inputOf({
    archive,
    prepare,
}: Pick<Delivery, "archive" | "prepare">): pulumi.Output<string> {
    return prepare === undefined
        ? archive
        : pulumi
              .all([prepare, archive])
              .apply(
                  ([script, payload]) => `${Buffer.from(script).toString("base64")}\n${payload}`,
              );
}

function asRoot(user: string, script: string): string {
    const quoted = `'${script.replaceAll("'", `'\\''`)}'`;
    return user === "root" ? script : `sudo -n sh -c ${quoted}`;
}
