import { FOLDER_VARIABLE, Store } from "./store";
import { type CloudObject, type Fault, isOfType, type Operation } from "./types";

export type { CloudObject, Fault, Operation } from "./types";

/** Names of the clouds, which are those of their packages. */
const CLOUDS = ["alicloud", "tencentcloud"];

/** What a test sees of the clouds that its engine works with, and what it can do to them. */
export class StandIn {
    /** What the engine must have in its environment. */
    public readonly env: Record<string, string>;
    readonly #store: Store;

    private constructor(folder: string) {
        this.env = { [FOLDER_VARIABLE]: folder };
        this.#store = new Store(folder);
    }

    /**
     * Makes clouds without an object, or opens those that are there.
     *
     * @param folder Where they keep their files.
     */
    public static create(folder: string): StandIn {
        return new StandIn(folder);
    }

    /**
     * The objects that exist, in the order of their creation, of all accounts and regions.
     *
     * @param type Token of a resource or its last part, such as `Instance`; all, when not given.
     */
    public objects(type?: string): CloudObject[] {
        return CLOUDS.flatMap((cloud) => this.#store.load(cloud).objects).filter(
            (object) => type === undefined || isOfType(object.type, type),
        );
    }

    /** All that the clouds were asked to do, in order; what failed has an error. */
    public operations(type?: string): Operation[] {
        return this.#store.operations.filter(
            (operation) => type === undefined || isOfType(operation.type, type),
        );
    }

    /** Makes an operation fail from now on; the fault that was set first comes first. */
    public fail(fault: Fault): Promise<void> {
        return this.#store.exclusively(() => {
            this.#store.faults = [...this.#store.faults, fault];
        });
    }

    /** Takes back all faults. */
    public heal(): Promise<void> {
        return this.#store.exclusively(() => {
            this.#store.faults = [];
        });
    }

    /** Says which domains the accounts have; `example.com` and `example.cn` at first. */
    public setDomains(...domains: string[]): Promise<void> {
        return this.#store.exclusively(() => {
            this.#store.domains = domains;
        });
    }

    /** Removes an object behind the back of Pulumi, as somebody in the console would. */
    public remove(id: string): Promise<void> {
        return this.#store.exclusively(() => {
            for (const cloud of CLOUDS) {
                const data = this.#store.load(cloud);
                const objects = data.objects.filter((object) => object.id !== id);
                this.#store.save(cloud, { ...data, objects });
            }
        });
    }
}
