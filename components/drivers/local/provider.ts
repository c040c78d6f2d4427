import { randomUUID } from "node:crypto";
import { existsSync } from "node:fs";

import type { dynamic } from "@pulumi/pulumi";

import { shortDigest } from "../../cloud-init/payload";
import { renderLocalUserData } from "../../cloud-init/user-data";
import { assertLocalHost } from "./host-check";
import { applyPayload, installedPayload, waitForFirstInstall } from "./install";
import { removeMachine, startMachine } from "./machine";
import { machineNames, stackOf } from "./names";
import { createNetwork, deleteNetwork } from "./network";
import { findMachine } from "./processes";
import { createRootFileSystem, findMachineAt } from "./root-file-system";
import { reasonOf } from "../../reason-of";

/** What Pulumi keeps of a machine; the archive is a secret. */
export interface LocalMachineInputs {
    /** Name of the machine on this host. Changing it replaces the machine. */
    readonly machine: string;
    /** IPv4 address. Changing it replaces the machine. */
    readonly address: string;
    /** The payload, packed, in base64. */
    readonly archive: string;
    /** Digest of the payload. A changed one is applied in place. */
    readonly digest: string;
}

/** The inputs, and what was found out about the machine. */
export interface LocalMachineState extends LocalMachineInputs {
    /** `stopped` makes the next `pulumi up` start it again and apply the payload. */
    readonly status: "running" | "stopped";
    /** Changes each time the machine or what runs on it was made anew, so that it is checked again. */
    readonly boot: string;
}

const say = (line: string): void => {
    process.stdout.write(`${line}\n`);
};

/** What `pulumi.dynamic.Resource` calls for a machine of the `local` place. */
export const provider = {
    diff(
        _id: string,
        olds: LocalMachineState,
        news: LocalMachineInputs,
    ): Promise<dynamic.DiffResult> {
        const replaces = (["machine", "address"] as const).filter((key) => olds[key] !== news[key]);
        const changes =
            replaces.length > 0 || olds.digest !== news.digest || olds.status !== "running";
        // Both would have the same name and may have the same address.
        return Promise.resolve({ changes, replaces, deleteBeforeReplace: true });
    },

    async create(inputs: LocalMachineInputs): Promise<dynamic.CreateResult> {
        assertLocalHost();
        const names = machineNames(inputs.machine);
        // Left by an `up` that was killed: the state knows nothing of it.
        await removeMachine(names);
        const other = await findMachineAt(inputs.address);
        if (other !== undefined) {
            throw new Error(addressTaken(inputs, other));
        }
        try {
            await boot(inputs);
        } catch (error) {
            throw initializationFailed(error, inputs);
        }
        return { id: inputs.machine, outs: running(inputs) };
    },

    async read(id: string, state: LocalMachineState): Promise<dynamic.ReadResult> {
        const names = machineNames(state.machine);
        if (!existsSync(names.rootfs)) {
            return {};
        }
        const isRight =
            (await findMachine(names)) !== undefined &&
            (await installedPayload(names)) === shortDigest(state.digest);
        return { id, props: { ...state, status: isRight ? "running" : "stopped" } };
    },

    async update(
        _id: string,
        _olds: LocalMachineState,
        news: LocalMachineInputs,
    ): Promise<dynamic.UpdateResult> {
        assertLocalHost();
        const names = machineNames(news.machine);
        await createNetwork(news.address);
        await startMachine(names, news.address);
        await applyPayload(names, Buffer.from(news.archive, "base64"), say);
        return { outs: running(news) };
    },

    async delete(_id: string, state: LocalMachineState): Promise<void> {
        assertLocalHost();
        await removeMachine(machineNames(state.machine));
        await deleteNetwork(state.address);
    },
};

function addressTaken({ machine, address }: LocalMachineInputs, other: string): string {
    const fix =
        stackOf(machine) === stackOf(other)
            ? "a region cannot be renamed, nor take the address of another one, in one step. Fix: remove " +
              "it from the stack's file, bring the stack up, add it again"
            : "fix: choose another (for a new stack: npm start -- --stack NAME --address 10.91.0.100)";
    return `place.address must be unique on this host: machine ${other} has ${address} already; ${fix}`;
}

async function boot(inputs: LocalMachineInputs): Promise<void> {
    const names = machineNames(inputs.machine);
    const { address } = inputs;
    const userData = renderLocalUserData(Buffer.from(inputs.archive, "base64"));
    say(`unpacking the root file system of ${inputs.machine}`);
    await createRootFileSystem({ names, address, userData });
    await createNetwork(address);
    say(`booting ${inputs.machine} at ${address}`);
    await startMachine(names, address);
    await waitForFirstInstall(names, say);
}

function running(inputs: LocalMachineInputs): LocalMachineState {
    return { ...inputs, status: "running", boot: randomUUID() };
}

/**
 * Tells Pulumi that the machine exists but is not right, so that the next `up` mends it and
 * `destroy` removes it.
 */
function initializationFailed(error: unknown, inputs: LocalMachineInputs): Error {
    const message = reasonOf(error);
    const properties = { ...inputs, status: "stopped", boot: randomUUID() };
    return Object.assign(new Error(message, { cause: error }), {
        id: inputs.machine,
        properties,
        reasons: [message],
    });
}
