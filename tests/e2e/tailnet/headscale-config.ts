import { isIPv4 } from "node:net";
import { join } from "node:path";

import { stringify } from "yaml";

/** Port on which the control plane of the tests listens. */
export const CONTROL_PORT = 8080;

/** Files of a control plane. */
export interface ControlFiles {
    /** headscale's configuration. */
    readonly config: string;
    /** The derpMap that it serves. */
    readonly derpMap: string;
    /** Where its own command line talks to it. */
    readonly socket: string;
    /** Who may reach whom. */
    readonly policy: string;
    /** Key that a client logs in with. */
    readonly authKey: string;
    /** What it printed. */
    readonly log: string;
}

/**
 * Files of a control plane.
 *
 * @param folder Folder that holds all of them.
 * @returns Their paths.
 */
export function controlFiles(folder: string): ControlFiles {
    return {
        config: join(folder, "headscale.yaml"),
        derpMap: join(folder, "derp-map.yaml"),
        socket: join(folder, "headscale.sock"),
        policy: join(folder, "policy.json"),
        authKey: join(folder, "auth-key"),
        log: join(folder, "headscale.log"),
    };
}

/** Whose the clients are. */
export const USER = "e2e";
/** What a machine is that verifies clients. */
export const RELAY_TAG = "tag:derp";

/**
 * Policy of a tailnet: the clients may reach each other, and the tag of a relay's machine has what
 * docs/verify.md says, and nothing more.
 *
 * @returns Text of headscale's policy file.
 */
export function renderPolicy(): string {
    const owner = `${USER}@`;
    const accept = (destination: string) => ({
        action: "accept",
        src: [owner],
        dst: [destination],
    });
    return JSON.stringify({
        tagOwners: { [RELAY_TAG]: [owner] },
        acls: [accept(`${owner}:*`), accept(`${RELAY_TAG}:9`)],
    });
}

/**
 * Configuration of a headscale that knows no relay but those of one file, which it reads again
 * every second.
 *
 * @param address IPv4 address to listen on.
 * @param folder Folder for its state.
 * @returns Text of the configuration file.
 */
export function renderHeadscaleConfig(address: string, folder: string): string {
    if (!isIPv4(address)) {
        throw new Error(`addresses.control must be an IPv4 address: got ${address}`);
    }
    const files = controlFiles(folder);
    const listen = `${address}:${String(CONTROL_PORT)}`;
    return stringify({
        server_url: `http://${listen}`,
        listen_addr: listen,
        metrics_listen_addr: "127.0.0.1:9090",
        grpc_listen_addr: "127.0.0.1:50443",
        unix_socket: files.socket,
        unix_socket_permission: "0700",
        noise: { private_key_path: join(folder, "noise.key") },
        database: { type: "sqlite", sqlite: { path: join(folder, "headscale.sqlite") } },
        prefixes: { v4: "100.64.0.0/10" },
        derp: {
            server: { enabled: false },
            urls: [],
            paths: [files.derpMap],
            auto_update_enabled: true,
            update_frequency: "1s",
        },
        dns: { magic_dns: false, base_domain: "tailnet.test", override_local_dns: false },
        policy: { mode: "file", path: files.policy },
        disable_check_updates: true,
        logtail: { enabled: false },
    });
}
