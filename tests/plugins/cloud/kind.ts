import type { Shape } from "./arguments";
import type { Rule } from "./rules";
import type { CloudObject, Properties } from "./types";
import type { CloudView, Place } from "./view";
import type { World } from "./world";

/** What a provider was configured with. */
export interface Configuration extends Place {
    readonly inputs: Properties;
}

/** What a cloud makes of the arguments of a new object. */
interface NewObject {
    readonly id: string;
    readonly facts: Properties;
}

/** How a cloud treats the objects of one resource type. */
export interface Kind {
    /** Arguments whose change replaces the object. */
    readonly replaces: readonly string[];
    /** Further arguments that replace it because of what other arguments say. */
    readonly replacesToo?: (news: Properties, configuration: Configuration) => readonly string[];
    /** Arguments that the provider takes and never sends after the creation. */
    readonly ineffective?: readonly string[];
    /** Outputs, arguments among them, that the cloud chooses when the program does not. */
    readonly computed: readonly string[];
    /** Arguments that the provider fills in. */
    readonly defaults?: Properties;
    /** Whether the bridge fills in the argument `name`. */
    readonly isNamed?: boolean;
    /** Whether its objects are the same in all regions. */
    readonly isRegionless?: boolean;
    readonly rules: readonly Rule[];
    /** @throws When the cloud refuses. */
    create(inputs: Properties, view: CloudView): NewObject;
    /**
     * Called before the new arguments are kept.
     *
     * @returns Facts that change.
     * @throws When the cloud refuses.
     */
    update?(object: CloudObject, inputs: Properties, view: CloudView): Properties;
    /**
     * Called before the object is taken away.
     *
     * @throws When the cloud refuses.
     */
    remove?(object: CloudObject, view: CloudView): void;
    /** Outputs beside the arguments; what is a fact of the same name is an output by itself. */
    describe?(object: CloudObject, view: CloudView): Properties;
}

/** A question that a cloud answers. */
export type CloudFunction = (inputs: Properties, view: CloudView) => Properties;

/** A cloud, and the provider that speaks with it. */
export interface Cloud {
    /** Name of the package, which the tokens of its resources begin with. */
    readonly name: string;
    /** Version of the plugin. */
    readonly version: string;
    readonly kinds: Readonly<Record<string, Kind>>;
    readonly functions: Readonly<Record<string, CloudFunction>>;
    /** What a resource or function takes. */
    argumentsOf(token: string): Shape;
    /** What the provider itself takes. */
    configurationArguments(): Shape;
    /** @throws {Error} When the provider cannot work with it. */
    configure(inputs: Properties): Configuration;
    /** Writes an error as the provider would. */
    format(error: { code: string; message: string }, subject: string): string;
    /** Whether the provider tries again after an error, a few times. */
    isTransient(code: string): boolean;
    world(objects: readonly CloudObject[]): World;
    /** Only plugins that serve other packages have it. */
    parameterize?(value: string): { name: string; version: string };
    /** The same with the arguments of `pulumi package add`. */
    parameterizeArgs?(args: readonly string[]): { name: string; version: string };
}
