import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";

import { version as alicloud } from "@pulumi/alicloud/package.json";
import { version as command } from "@pulumi/command/package.json";
import { version as tls } from "@pulumi/tls/package.json";

import { VERSION as terraformProvider } from "./terraform-provider/version";

const VERSIONS = { alicloud, "terraform-provider": terraformProvider, tls, command };
/** In front of the versions of some packages, but not in the names of folders. */
const V = /^v/;

/**
 * Puts the stand-in plugins where an engine looks for those that it downloaded, so that it uses
 * them without a warning. They are the ones of this checkout, as they are when they run.
 *
 * @param pulumiHome What the engine gets as `PULUMI_HOME`.
 */
export async function installPlugins(pulumiHome: string): Promise<void> {
    for (const [name, version] of Object.entries(VERSIONS)) {
        const plugins = join(pulumiHome, "plugins");
        const folder = join(plugins, `resource-${name}-v${version.replace(V, "")}`);
        await mkdir(folder, { recursive: true });
        await writeFile(join(folder, `pulumi-resource-${name}`), script(name), { mode: 0o755 });
    }
}

function script(name: string): string {
    // tsx looks into each file that is loaded after it, and these have many, or one that is large.
    const large = ["@pulumi/pulumi/provider", ...(name === "alicloud" ? ["typescript"] : [])];
    const options = [...large, "tsx/cjs"]
        .map((module) => `--require "${require.resolve(module)}"`)
        .join(" ");
    const program = join(__dirname, "run-plugin.ts");
    return `#!/bin/sh\nexec "${process.execPath}" ${options} "${program}" "${name}" "$@"\n`;
}
