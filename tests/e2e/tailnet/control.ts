import { existsSync } from "node:fs";
import { rename, writeFile } from "node:fs/promises";

import type { DerpMap } from "../../../components/derp-map/types";
import { run } from "../../../components/host/run";
import { toHeadscaleDerpMap } from "./derp-map-yaml";
import { eventually } from "./eventually";
import {
    CONTROL_PORT,
    controlFiles,
    RELAY_TAG,
    renderHeadscaleConfig,
    renderPolicy,
    USER,
} from "./headscale-config";
import { startIn } from "./namespace";

/** What a control plane is started with. */
export interface ControlOptions {
    /** Path of headscale. */
    readonly headscale: string;
    /** Namespace to run in. */
    readonly namespace: string;
    /** Its IPv4 address there. */
    readonly address: string;
    /** Folder for its files. */
    readonly folder: string;
    /** The map that it serves. */
    readonly derpMap: DerpMap;
}

/** A control plane that runs. */
export interface Control {
    /** Address for `--login-server`. */
    readonly url: string;
    /** File that holds the key to log in with. */
    readonly authKeyFile: string;
    /**
     * Makes a key for the machine of a relay: one-off and with a tag.
     *
     * @param expiration How long it is good, such as `10m`.
     */
    createRelayKey(expiration: string): Promise<string>;
    /** What it serves, replaced within two seconds. */
    writeDerpMap(map: DerpMap): Promise<void>;
}

/**
 * Starts a headscale that serves a map, with a user and a key to log in.
 *
 * @param options How to start it.
 * @returns The control plane, ready for clients.
 */
export async function startControl(options: ControlOptions): Promise<Control> {
    const { headscale, namespace, address, folder } = options;
    const files = controlFiles(folder);
    await writeDerpMap(files.derpMap, options.derpMap);
    await writeFile(files.policy, renderPolicy());
    await writeFile(files.config, renderHeadscaleConfig(address, folder), { mode: 0o600 });
    const daemon = await startIn(namespace, [headscale, "serve", "--config", files.config], {
        log: files.log,
    });
    await eventually(
        async () => {
            await daemon.assertRunning();
            if (!existsSync(files.socket)) {
                throw new Error(`there is no ${files.socket}`);
            }
        },
        { what: "headscale to start", timeoutMs: 30_000 },
    );
    const ask = async (...args: readonly string[]) =>
        parseJson(await run(headscale, ["--config", files.config, ...args, "--output", "json"]));
    const user = (await ask("users", "create", USER)) as { id: number };
    const createKey = async (...args: readonly string[]) => {
        const begin = ["preauthkeys", "create", "--user", String(user.id)];
        return ((await ask(...begin, ...args)) as { key: string }).key;
    };
    const clientKey = await createKey("--reusable", "--expiration", "30m");
    await writeFile(files.authKey, clientKey, { mode: 0o600 });
    return {
        url: `http://${address}:${String(CONTROL_PORT)}`,
        authKeyFile: files.authKey,
        createRelayKey: (expiration) => createKey("--tags", RELAY_TAG, "--expiration", expiration),
        writeDerpMap: (map) => writeDerpMap(files.derpMap, map),
    };
}

/** The answer may come after lines of the log, on the same stream. */
function parseJson({ stdout }: { readonly stdout: string }): unknown {
    return JSON.parse(stdout.slice(stdout.search(/^\{/m)));
}

/** Replaced in one step: headscale must not read half of it. */
async function writeDerpMap(file: string, map: DerpMap): Promise<void> {
    await writeFile(`${file}.new`, toHeadscaleDerpMap(map));
    await rename(`${file}.new`, file);
}
