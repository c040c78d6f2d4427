import { mkdir } from "node:fs/promises";
import { join } from "node:path";

import type { DerpMap, DerpNode } from "../../../components/derp-map/types";
import { networkNames } from "../../../components/drivers/local/names";
import { waitUntilServing } from "../../../components/probe/wait-until-serving";
import { PROJECT_FOLDER } from "../../../scripts/project";
import { pingViaRelay } from "../tailnet/checks";
import { startTailnet, type Tailnet } from "../tailnet/tailnet";
import { hostTraces, type HostTraces } from "./host-traces";
import { LocalStack } from "./local-stack";

/** Limit of {@link Scene.set} in milliseconds: with cold caches everything is built first. */
export const SCENE_LIMIT = 80 * 60_000;

/** Code of the region that `npm start` makes. */
export const CODE = "local";

/** A relay of `npm start`, and two clients that reach each other through it only. */
export class Scene {
    /** The host before anything was made. */
    public readonly before: HostTraces;
    public readonly stack: LocalStack;
    public readonly tailnet: Tailnet;
    /** What the first `npm start` printed. */
    public readonly started: string;
    /** What the stack exports. */
    public readonly map: DerpMap;
    /** The one relay. */
    public readonly node: DerpNode;

    private constructor(
        parts: Omit<Scene, "anotherTailnet" | "pingBothWays" | "serves" | "pid" | "end">,
    ) {
        this.before = parts.before;
        this.stack = parts.stack;
        this.tailnet = parts.tailnet;
        this.started = parts.started;
        this.map = parts.map;
        this.node = parts.node;
    }

    /**
     * Sets the scene.
     *
     * @param name Name of the stack.
     * @param address Address of the relay; the tailnet is on the same /24.
     * @returns The scene, with both clients logged in.
     */
    public static async set(name: string, address: string): Promise<Scene> {
        const before = await hostTraces(name, PROJECT_FOLDER);
        const stack = new LocalStack(name, address);
        try {
            const started = await stack.start({
                onLine: (line) => process.stderr.write(`  ${line}\n`),
            });
            const map = await stack.derpMap();
            const [node] = Object.values(map.Regions).flatMap(({ Nodes }) => Nodes);
            if (node === undefined) throw new Error("the map must have a node");
            const tailnet = await startTailnetAt(stack, map, 10);
            return new Scene({ before, stack, tailnet, started, map, node });
        } catch (error) {
            await stack.end();
            throw error;
        }
    }

    /**
     * Makes another tailnet, with a control plane of its own.
     *
     * @param last Last number of its control plane's address; those of its clients follow.
     * @returns The tailnet; {@link Scene.end} does not end it.
     */
    public anotherTailnet(last: number): Promise<Tailnet> {
        return startTailnetAt(this.stack, this.map, last);
    }

    /** Waits until each client has reached the other through the relay. */
    public async pingBothWays(tailnet = this.tailnet): Promise<readonly string[]> {
        const [a, b] = tailnet.clients;
        return [await pingViaRelay(a, b, CODE), await pingViaRelay(b, a, CODE)];
    }

    /** Waits until the relay answers all that its clients will ask it. */
    public async serves(patience: { readonly timeoutMs: number }): Promise<void> {
        await waitUntilServing(this.node, patience);
    }

    /** ID of derper's process on the machine. */
    public pid(): Promise<string> {
        return this.stack.inMachine("systemctl show -p MainPID --value derper");
    }

    /** Ends the tailnet and destroys what is left of the stack. */
    public async end(): Promise<void> {
        await this.tailnet.stop();
        await this.stack.end();
    }
}

/** The first has no number in its names. */
async function startTailnetAt(stack: LocalStack, map: DerpMap, last: number): Promise<Tailnet> {
    const { gateway } = networkNames(stack.address);
    const at = (offset: number) => `${gateway.slice(0, -1)}${String(last + offset)}`;
    const name = stack.name.replaceAll("-", "");
    const workFolder = join(stack.workFolder, String(last));
    await mkdir(workFolder, { mode: 0o700 });
    return startTailnet({
        name: last === 10 ? name : `${name.slice(0, 9)}${String(last)}`,
        bridge: stack.bridge,
        hostAddress: `${gateway}/24`,
        addresses: { control: at(0), clients: [at(11), at(12)] },
        derpMap: map,
        workFolder,
    });
}
