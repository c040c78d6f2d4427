import * as pulumi from "@pulumi/pulumi";

import type { Driver } from "./driver";
import { connectToServer, createRemotePayload } from "./ssh/remote-payload";

/** Settings that only the `server` place has. */
export interface ServerSettings {
    /** IPv4 address. Changing it takes the relay off the old server, then installs it on the new one. */
    readonly address: string;
    /** IPv6 address that clients dial. Changing it changes the derpMap and the record only. */
    readonly ipv6Address?: string | undefined;
    /** root, or a user who may use `sudo -n`. Changing it changes the connection only. */
    readonly user: string;
    /** TCP port of SSH. Changing it changes the connection only. */
    readonly sshPort: number;
    /** Public host key that the server must have. Changing it changes the connection only. */
    readonly hostKey: string;
    /** Private key that the server accepts; a secret. Changing it changes the connection only. */
    readonly privateKey: string;
}

/**
 * Runs a relay on a server that the user has. The server's own firewall, and its provider's, are the user's.
 *
 * @param settings Settings that only this place has.
 * @returns The driver.
 */
export function serverDriver(settings: ServerSettings): Driver {
    const { address, ipv6Address, user, sshPort, hostKey, privateKey } = settings;
    return {
        archiveLimit: undefined,
        createSite: ({ name }, opts) => ({
            address: pulumi.output(address),
            createMachine: ({ archive }) => {
                const login = {
                    connection: {
                        host: address,
                        port: sshPort,
                        user,
                        hostKey,
                        privateKey: pulumi.secret(privateKey),
                    },
                    machineId: address,
                    owner: `${pulumi.getStack()}/${name}`,
                };
                const server = connectToServer(name, login, opts);
                // With another server, or when it is made anew, the relay is to be installed again.
                const machineId = server.id.apply(() => address);
                const payload = createRemotePayload(name, { ...login, machineId, archive }, opts);
                const ipv6 = ipv6Address === undefined ? undefined : pulumi.output(ipv6Address);
                return { id: payload.id, ipv6 };
            },
        }),
    };
}
