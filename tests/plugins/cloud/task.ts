import type { CloudObject, Fault, OperationName, Properties } from "./types";
import type { CloudView } from "./view";
import type { World } from "./world";

/** Something to do with an object, or an answer to a question. */
export interface Task<T> {
    readonly operation: OperationName;
    readonly token: string;
    readonly subject: string;
    readonly changed?: readonly string[];
    work(view: CloudView): T;
    /** The object that it was about, for the log and for answers that never came. */
    object?(result: T): CloudObject | undefined;
}

/** What came of a task. */
export interface Outcome<T> {
    readonly result: T;
    readonly fault: Fault | undefined;
    readonly before: World;
    readonly after: World;
    /** Which state of the cloud the latter is: the higher, the later. */
    readonly version: number;
    /** What went wrong in the world, such as a command on a machine. */
    readonly problem: string | undefined;
}

/** An object as the engine remembers it. */
export interface ObjectState {
    readonly id: string;
    readonly inputs: Properties;
    readonly outputs: Properties;
}
