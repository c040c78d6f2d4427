import { symlink } from "node:fs/promises";
import { dirname, join } from "node:path";

import { buildGoProgram } from "../../../components/host/go";
import { VERSIONS } from "../../../components/versions";

/** Programs of a tailnet, as files. */
export interface TestTools {
    /** Control plane. */
    readonly headscale: string;
    /** Command line of the client. */
    readonly tailscale: string;
    /** The client. */
    readonly tailscaled: string;
}

/** Version in `headscale/go.mod`; newer ones need a newer Go than the relays do (2026-11). */
const HEADSCALE = "v0.27.1";
/** Version in `pebble/go.mod`. */
const PEBBLE = "v2.10.1";

/**
 * Builds the control plane and the client that the tests run, once. Takes minutes the first time,
 * and milliseconds afterwards.
 *
 * @returns Where they are.
 */
export async function ensureTestTools(): Promise<TestTools> {
    // One after another: each of the builds keeps all cores busy by itself.
    const headscale = await buildGoProgram({
        name: "headscale",
        version: HEADSCALE,
        moduleFolder: join(__dirname, "headscale"),
        package: "github.com/juanfont/headscale/cmd/headscale",
    });
    const tailscaled = await buildGoProgram({
        name: "tailscaled",
        version: VERSIONS.tailscale,
        moduleFolder: join(__dirname, "tailscale"),
        package: "tailscale.com/cmd/tailscaled",
        buildArgs: ["-tags=ts_include_cli"],
    });
    return { headscale, tailscale: await nameAsCommandLine(tailscaled), tailscaled };
}

/**
 * Builds the ACME server of the tests, once: only the test of certificates needs it.
 *
 * @returns Path of the program.
 */
export async function ensurePebble(): Promise<string> {
    return buildGoProgram({
        name: "pebble",
        version: PEBBLE,
        moduleFolder: join(__dirname, "pebble"),
        package: "github.com/letsencrypt/pebble/v2/cmd/pebble",
    });
}

/** With its command line linked in, the client is that when it is called `tailscale`. */
async function nameAsCommandLine(tailscaled: string): Promise<string> {
    const tailscale = join(dirname(tailscaled), "tailscale");
    await symlink("tailscaled", tailscale).catch((error: unknown) => {
        if ((error as NodeJS.ErrnoException).code !== "EEXIST") {
            throw error;
        }
    });
    return tailscale;
}
