/**
 * Machines of the stand-in clouds that only do what clients see: a plugin loads it by
 * DERP_RELAY_STAND_IN_MACHINES. They live as long as the plugin, which is one command of Pulumi.
 */
import { existsSync, writeFileSync } from "node:fs";
import { join } from "node:path";

import { STANDARD_PORTS } from "../../../components/ports";
import type { PemPair } from "../../support/certificates";
import { bindingResponse, startFakeRelay, startFakeStun } from "../../support/fake-relay";
import type { CloudHooks } from "../../plugins/cloud/hooks";
import { FOLDER_VARIABLE } from "../../plugins/cloud/store";
import { awaitInstall } from "./fake-install";

const userDataOf = new Map<string, string>();
const pairs = new Map<string, PemPair>();
const relays = new Map<string, () => Promise<void>>();

export const instanceCreated: CloudHooks["instanceCreated"] = ({ id, userData }) => {
    userDataOf.set(id, userData);
};

export const addressBound: CloudHooks["addressBound"] = async ({ instanceId, address }) => {
    const [pair, userData] = [pairs.get(instanceId), userDataOf.get(instanceId)];
    if (pair !== undefined) {
        await serve(pair, address);
    } else if (userData !== undefined) {
        await awaitInstall(userData, address, async (script) => {
            const installed = pairIn(script);
            pairs.set(instanceId, installed);
            await serve(installed, address);
        });
    }
};

export const addressUnbound: CloudHooks["addressUnbound"] = async ({ address }) => {
    await relays.get(address)?.();
    relays.delete(address);
};

/** Only the part that was stored can be installed, as on a machine; it outlives the plugin. */
export const commandInvoked: CloudHooks["commandInvoked"] = ({ instanceId, content }) => {
    const [name] = /command\.[0-9a-f]{12}/.exec(content) ?? [];
    const file = join(process.env[FOLDER_VARIABLE] ?? "", `${instanceId}.${String(name)}`);
    if (content.includes("cat >")) writeFileSync(file, "");
    else if (!existsSync(file)) throw new Error(`${String(name)} is missing`);
};

async function serve(pair: PemPair, address: string): Promise<void> {
    const { derp, stun } = STANDARD_PORTS;
    const relay = await startFakeRelay(pair, "admits", { address, port: derp });
    const server = await startFakeStun(bindingResponse, { address, port: stun });
    relays.set(address, async () => {
        server.close();
        await relay.close();
    });
}

/** Certificate and key that a payload's script writes. */
function pairIn(script: string): PemPair {
    const read = (name: string) =>
        new RegExp(`^cat >${name} <<'_E_'\n([^]*?)^_E_$`, "m").exec(script)?.[1] ?? "";
    return { certificate: read("relay.crt"), privateKey: read("relay.key") };
}
