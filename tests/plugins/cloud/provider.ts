import { reasonOf } from "../../../components/reason-of";
import { argumentProblems } from "./arguments";
import { check, type Checked, type CheckSubject } from "./check";
import { checkConfig } from "./check-config";
import { difference, type Difference, type Versions } from "./diff";
import { CloudError, PartialError } from "./errors";
import type { Cloud, Configuration, Kind } from "./kind";
import { FOLDER_VARIABLE, Store } from "./store";
import type { ObjectState, Outcome, Task } from "./task";
import type { CloudObject, Fault, Operation, Properties } from "./types";
import { nameOfUrn, typeOfUrn, UNKNOWN, withoutDefaults } from "./values";
import { CloudView, compact } from "./view";
import { announce, loadHooks } from "./world";

/** How often providers try again by themselves, at most, before they give up. */
const ATTEMPTS = 5;

/** What the plugin of a cloud does, without the protocol. */
export class CloudProvider {
    public readonly cloud: Cloud;
    readonly #store: Store;
    #configuration: Configuration | undefined;

    public constructor(cloud: Cloud) {
        const folder = process.env[FOLDER_VARIABLE] ?? "";
        if (folder === "") {
            throw new Error(`${FOLDER_VARIABLE} must name the folder in which the cloud is`);
        }
        this.cloud = cloud;
        this.#store = new Store(folder);
    }

    /** Checks what the provider is configured with. */
    public checkConfig(inputs: Properties, urn: string): readonly string[] {
        return checkConfig(this.cloud, inputs, nameOfUrn(urn));
    }

    public configure(inputs: Properties): void {
        this.#configuration = this.cloud.configure(inputs);
    }

    public check(subject: Omit<CheckSubject, "token">): Checked {
        const token = typeOfUrn(subject.urn);
        return check(this.cloud, this.#kind(token), { ...subject, token });
    }

    public diff(urn: string, versions: Versions): Difference {
        return difference(this.#kind(typeOfUrn(urn)), versions, this.#configured);
    }

    /** What a preview knows of an object that does not exist yet. */
    public previewCreate(urn: string, inputs: Properties): Properties {
        const { computed } = this.#kind(typeOfUrn(urn));
        const unknown = Object.fromEntries(computed.map((name) => [name, UNKNOWN]));
        return { ...unknown, ...withoutDefaults(inputs) };
    }

    /** What a preview knows of an object that is going to change. */
    public previewUpdate(olds: Properties, news: Properties): Properties {
        return { ...olds, ...withoutDefaults(news) };
    }

    public async create(urn: string, inputs: Properties): Promise<ObjectState> {
        const token = typeOfUrn(urn);
        const kind = this.#kind(token);
        return this.#change({
            operation: "create",
            token,
            subject: nameOfUrn(urn),
            work: (view) => {
                const { id, facts } = kind.create(withoutDefaults(inputs), view);
                return view.add({ type: token, id, inputs, facts }, kind.isRegionless);
            },
        });
    }

    public async update(urn: string, id: string, versions: Versions): Promise<ObjectState> {
        const token = typeOfUrn(urn);
        const kind = this.#kind(token);
        const { changes } = this.diff(urn, versions);
        if (Object.keys(changes).length === 0) {
            // After a failure the engine asks for it, and the provider does nothing.
            return { id, inputs: versions.news, outputs: versions.olds };
        }
        const changed = [
            ...new Set(Object.keys(changes).map((path) => path.split(/[.[]/)[0] ?? "")),
        ];
        const state = await this.#change({
            operation: "update",
            token,
            subject: id,
            changed,
            work: (view) => {
                const object = view.get(token, id, "NotFound");
                const ineffective = kind.ineffective ?? [];
                const kept = ineffective.map((name) => [name, object.inputs[name]] as const);
                const inputs = compact({ ...versions.news, ...Object.fromEntries(kept) });
                const facts = kind.update?.(object, withoutDefaults(inputs), view) ?? {};
                object.inputs = inputs;
                object.facts = { ...object.facts, ...facts };
                return object;
            },
        });
        // What has no effect is remembered as if it had: nothing tells the provider otherwise.
        return { ...state, outputs: { ...state.outputs, ...withoutDefaults(versions.news) } };
    }

    public async delete(urn: string, id: string): Promise<void> {
        const token = typeOfUrn(urn);
        const { fault, problem } = await this.#perform({
            operation: "delete",
            token,
            subject: id,
            work: (view) => {
                const object = view.find(token, id);
                // Somebody else may have been faster: that is what was wanted.
                if (object !== undefined) {
                    this.#kind(token).remove?.(object, view);
                    view.remove(object);
                }
                return object;
            },
            object: (object) => object,
        });
        if (problem !== undefined) throw new Error(problem);
        if (fault !== undefined) {
            throw new Error(this.#describe(fault, id));
        }
    }

    /** The object as it is now; undefined when it is gone. */
    public async read(urn: string, id: string): Promise<ObjectState | undefined> {
        const token = typeOfUrn(urn);
        const { result } = await this.#perform({
            operation: "read",
            token,
            subject: id,
            work: (view) => {
                const object = view.find(token, id);
                return object === undefined ? undefined : this.#state(object, view);
            },
        });
        return result;
    }

    public async invoke(token: string, inputs: Properties): Promise<Properties> {
        const answer = this.cloud.functions[token];
        if (answer === undefined) {
            throw new Error(`unknown function ${token}`);
        }
        const [problem] = argumentProblems(this.cloud.argumentsOf(token), inputs);
        if (problem !== undefined) {
            throw new Error(`${problem.reason} Examine values at '${problem.path}'.`);
        }
        const { result } = await this.#perform({
            operation: "invoke",
            token,
            subject: token,
            work: (view) => answer(inputs, view),
        });
        return compact({ ...inputs, ...result });
    }

    get #configured(): Configuration {
        if (this.#configuration === undefined) {
            throw new Error(`the provider ${this.cloud.name} is not configured`);
        }
        return this.#configuration;
    }

    #kind(token: string): Kind {
        const kind = this.cloud.kinds[token];
        if (kind === undefined) {
            throw new Error(`unrecognized resource type (${this.cloud.name}): ${token}`);
        }
        return kind;
    }

    #state(object: CloudObject, view: CloudView): ObjectState {
        const described = this.#kind(object.type).describe?.(object, view);
        const outputs = { ...object.facts, ...withoutDefaults(object.inputs), ...described };
        return { id: object.id, inputs: object.inputs, outputs: compact(outputs) };
    }

    /** Does something that ends with an object. */
    async #change(task: Task<CloudObject>): Promise<ObjectState> {
        const { result, fault, problem } = await this.#perform({
            ...task,
            work: (view) => {
                const object = task.work(view);
                return { object, state: this.#state(object, view) };
            },
            object: ({ object }) => object,
        });
        // What the cloud chose is not read any more.
        const { id, inputs } = result.state;
        const partial = { id, inputs, outputs: withoutDefaults(inputs) };
        if (problem !== undefined) throw new PartialError(problem, partial);
        if (fault !== undefined) {
            const message = this.#describe(fault, task.subject);
            throw fault.afterEffect === true
                ? new PartialError(message, partial)
                : new Error(message);
        }
        return result.state;
    }

    /** Does something, again and again where the provider would, and tells the world. */
    async #perform<T>(task: Task<T>): Promise<Outcome<T>> {
        for (let attempt = 1; ; attempt += 1) {
            try {
                const outcome = await this.#store.exclusively(() => this.#once(task));
                const problem = await announce(loadHooks(), outcome).then(
                    () => undefined,
                    reasonOf,
                );
                crashIfAsked(outcome.fault);
                return { ...outcome, problem };
            } catch (error) {
                if (!(error instanceof CloudError)) throw error;
                if (attempt === ATTEMPTS || !this.cloud.isTransient(error.code)) {
                    throw new Error(this.cloud.format(error, task.subject), { cause: error });
                }
            }
        }
    }

    #once<T>(task: Task<T>): Omit<Outcome<T>, "problem"> {
        const data = this.#store.load(this.cloud.name);
        const before = this.cloud.world(data.objects);
        const fault = this.#store.takeFault(task.operation, task.token, task.subject);
        const entry = this.#entry(task);
        try {
            if (fault !== undefined && !hasEffect(fault)) {
                throw new CloudError(fault.error, textOf(fault));
            }
            const view = new CloudView(data, this.#configured, this.#store.domains);
            const result = task.work(view);
            this.#store.save(this.cloud.name, data);
            this.#store.log({ ...entry, ...outcomeOf(task.object?.(result), fault) });
            const after = this.cloud.world(data.objects);
            return { result, fault, before, after, version: data.version };
        } catch (error) {
            const code = error instanceof CloudError ? error.code : String(error);
            this.#store.log({ ...entry, error: code });
            throw error;
        }
    }

    /** What the log says of a task before it is known how it ends. */
    #entry<T>({ operation, token, changed, subject }: Task<T>): Operation {
        const { account, region } = this.#configured;
        const hasId = operation !== "create" && operation !== "invoke";
        return {
            ...{ cloud: this.cloud.name, operation, type: token, account, region },
            ...(changed === undefined ? {} : { changed }),
            ...(hasId ? { id: subject } : {}),
        };
    }

    #describe(fault: Fault, subject: string): string {
        return this.cloud.format({ code: fault.error, message: textOf(fault) }, subject);
    }
}

function outcomeOf(object: CloudObject | undefined, fault: Fault | undefined): Partial<Operation> {
    return compact({ id: object?.id, error: fault?.error });
}

function textOf({ message = "A fault was asked for." }: Fault): string {
    return message;
}

function hasEffect({ afterEffect }: Fault): boolean {
    return afterEffect !== undefined && afterEffect !== false;
}

function crashIfAsked(fault: Fault | undefined): void {
    if (fault?.afterEffect === "crash") {
        process.kill(process.ppid, "SIGKILL");
        // eslint-disable-next-line n/no-process-exit -- a crash is what was asked for
        process.exit(1);
    }
}
