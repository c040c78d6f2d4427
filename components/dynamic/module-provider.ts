import type * as pulumi from "@pulumi/pulumi";

/** Pulumi packs the code of each provider that it has not met, and that takes longer than all the rest of a resource. */
const providers = new Map<string, pulumi.dynamic.ResourceProvider>();

/**
 * Makes the provider of a `pulumi.dynamic.Resource` out of a module of this project that exports
 * `provider`.
 *
 * Pulumi keeps the source text of a dynamic provider in the stack's state. This thin one loads
 * the real code when it is called, so that the text stays the same from release to release (a
 * changed one would show in every diff) and a debugger finds the files.
 *
 * @param module Path of the module from the project's folder. It must outlive the resources that
 * were created with it, because deleting them loads it again.
 * @returns The provider to hand to `pulumi.dynamic.Resource`; the same one for the same module.
 */
export function moduleProvider(module: string): pulumi.dynamic.ResourceProvider {
    const provider = providers.get(module) ?? makeProvider(module);
    providers.set(module, provider);
    return provider;
}

function makeProvider(module: string): pulumi.dynamic.ResourceProvider {
    const load = async () => {
        const path = await import("node:path");
        const tsx = await import("tsx/cjs/api");
        const open = (name: string): unknown => {
            const file = path.join(process.cwd(), name);
            return tsx.require(file, file);
        };
        const watch = open("components/dynamic/exit-with-engine.ts") as {
            exitWithEngine: () => void;
        };
        watch.exitWithEngine();
        return (open(module) as { provider: Required<pulumi.dynamic.ResourceProvider> }).provider;
    };
    return {
        diff: async (id, olds, news) => (await load()).diff(id, olds, news),
        create: async (inputs) => (await load()).create(inputs),
        read: async (id, props) => (await load()).read(id, props),
        update: async (id, olds, news) => (await load()).update(id, olds, news),
        delete: async (id, props) => (await load()).delete(id, props),
    };
}
