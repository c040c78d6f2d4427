import { existsSync } from "node:fs";
import { readdir, readFile } from "node:fs/promises";

import { run } from "../../../components/host/run";

/** What a stack could leave on its host. */
export interface HostTraces {
    readonly interfaces: readonly string[];
    readonly nftTables: readonly string[];
    readonly namespaces: readonly string[];
    readonly mounts: readonly string[];
    readonly forwarding: string;
    readonly machines: readonly string[];
    readonly marks: boolean;
    readonly stackFiles: readonly string[];
    readonly supervisors: readonly string[];
    /** Processes that a Pulumi engine starts and that have lost it. */
    readonly orphans: readonly string[];
}

/**
 * Looks at everything that a stack of the `local` place touches on its host.
 *
 * @param stack Name of the stack.
 * @param projectFolder Where `Pulumi.<stack>.yaml` would be.
 * @returns What is there.
 */
export async function hostTraces(stack: string, projectFolder: string): Promise<HostTraces> {
    const { stdout: tables } = await run("nft", ["list", "tables"]);
    const { stdout: namespaces } = await run("ip", ["netns", "list"]);
    const mounts = await readFile("/proc/self/mounts", "utf8");
    const { stdout: processes } = await run("ps", ["-eo", "args"]);
    const { stdout: parents } = await run("ps", ["-eo", "ppid,args"]);
    return {
        interfaces: (await readdir("/sys/class/net")).sort(),
        nftTables: tables.split("\n").sort(),
        namespaces: namespaces.split("\n").sort(),
        mounts: mounts.split("\n").filter((line) => line.includes("derp-relay")),
        forwarding: (await readFile("/proc/sys/net/ipv4/ip_forward", "utf8")).trim(),
        machines: await readdir("/var/lib/derp-relay/machines").catch(() => []),
        marks: existsSync("/run/derp-relay"),
        stackFiles: (await readdir(projectFolder)).filter((file) => file.includes(`.${stack}.`)),
        supervisors: processes
            .split("\n")
            .filter((line) => new RegExp(`--machine=\\S+\\.${stack} `).test(line)),
        orphans: parents
            .split("\n")
            .filter((line) => /^ *1 .*(dynamic-provider|language-host|pulumi )/.test(line)),
    };
}
