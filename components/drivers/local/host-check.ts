import { isInstalled } from "../../host/packages";
import { DEBIAN_KEYRING } from "../../host/rootfs";

/** Commands and files that the `local` place needs, with the Debian package of each. */
export const LOCAL_NEEDS = {
    ip: "iproute2",
    mmdebstrap: "mmdebstrap",
    nft: "nftables",
    nsenter: "util-linux",
    "systemd-nspawn": "systemd-container",
    tar: "tar",
    zstd: "zstd",
    // Ubuntu does not have it by itself.
    [DEBIAN_KEYRING]: "debian-archive-keyring",
} as const;

/** What of a host matters to the `local` place. */
export interface HostFacts {
    /** `process.platform`. */
    readonly platform: string;
    /** Effective user ID; undefined where there is none. */
    readonly uid: number | undefined;
    /** `PATH` of the process. */
    readonly path: string;
}

const ELSEWHERE =
    "Instead, use a Linux machine on which you are root, such as a virtual machine; what else " +
    "there is, and what is planned: docs/places.md.";

/**
 * Checks that this is a host on which this user may boot machines.
 *
 * @param host What is known of the host.
 * @throws {Error} If it is not, with what to do or to use instead.
 */
export function assertLocalUser(host: HostFacts = thisHost()): void {
    if (host.platform !== "linux") {
        throw new Error(
            "the local place needs Linux, because it boots a machine with systemd-nspawn: " +
                `this is ${host.platform}. ${ELSEWHERE}`,
        );
    }
    if (host.uid !== 0) {
        throw new Error(
            "the local place needs root, because it boots a machine and makes a network for it: " +
                `you are user ${String(host.uid)}. Run the same command with sudo. ${ELSEWHERE}`,
        );
    }
}

/**
 * Checks that this host can boot a machine of the `local` place.
 *
 * @param host What is known of the host.
 * @throws {Error} If it cannot, with what to do or to use instead.
 */
export function assertLocalHost(host: HostFacts = thisHost()): void {
    assertLocalUser(host);
    const missing = Object.entries(LOCAL_NEEDS).filter(([name]) => !isInstalled(name, host.path));
    if (missing.length > 0) {
        const packages = missing.map(([, debianPackage]) => debianPackage).join(" ");
        throw new Error(
            `the local place needs ${missing.map(([name]) => name).join(", ")}: not found. ` +
                `Install them, on Debian and Ubuntu with: apt-get install ${packages}`,
        );
    }
}

function thisHost(): HostFacts {
    return {
        platform: process.platform,
        uid: process.geteuid?.(),
        // eslint-disable-next-line n/no-process-env -- where else would the commands be found
        path: process.env.PATH ?? "",
    };
}
