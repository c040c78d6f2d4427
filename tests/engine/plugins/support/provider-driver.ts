import { mkdtempSync, rmSync } from "node:fs";
import { rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

import type { CloudProvider } from "../../../plugins/cloud/provider";
import { StandIn } from "../../../plugins/cloud/stand-in";
import { FOLDER_VARIABLE } from "../../../plugins/cloud/store";
import type { Properties } from "../../../plugins/cloud/types";

/**
 * Asks a provider without an engine, for rules of which there are many: an engine takes seconds.
 */
export class ProviderDriver {
    public readonly clouds: StandIn;
    readonly #folder: string;
    readonly #provider: CloudProvider;

    public constructor(createProvider: () => CloudProvider, configuration: Properties) {
        this.#folder = mkdtempSync(join(tmpdir(), "derp-relay-provider-"));
        this.clouds = StandIn.create(this.#folder);
        process.env[FOLDER_VARIABLE] = this.#folder;
        this.#provider = createProvider();
        try {
            this.#provider.configure(configuration);
        } catch (error) {
            rmSync(this.#folder, { recursive: true });
            throw error;
        }
    }

    /** What is wrong with arguments, as the engine is told. */
    public failures(type: string, inputs: Properties): readonly string[] {
        return this.#check(type, inputs).failures;
    }

    /** Makes an object and tells its id. */
    public async create(type: string, inputs: Properties): Promise<string> {
        const checked = this.#check(type, inputs);
        if (checked.failures.length > 0) {
            throw new Error(checked.failures.join("\n"));
        }
        return (await this.#provider.create(urn(type), checked.inputs)).id;
    }

    /** Outputs of an object as it is now; undefined when it is gone. */
    public async read(type: string, id: string): Promise<Properties | undefined> {
        return (await this.#provider.read(urn(type), id))?.outputs;
    }

    public delete(type: string, id: string): Promise<void> {
        return this.#provider.delete(urn(type), id);
    }

    public async dispose(): Promise<void> {
        Reflect.deleteProperty(process.env, FOLDER_VARIABLE);
        await rm(this.#folder, { recursive: true, force: true });
    }

    #check(type: string, news: Properties): ReturnType<CloudProvider["check"]> {
        return this.#provider.check({ urn: urn(type), olds: {}, news, seed: Buffer.of(1) });
    }
}

function urn(type: string): string {
    return `urn:pulumi:stack::project::${type}::it`;
}
