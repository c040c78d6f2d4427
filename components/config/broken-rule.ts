import type { ConfigPath } from "./path";

/** A broken rule: what a problem needs, before paths and commands are written out. */
export interface BrokenRule {
    /** Steps to the value, below the list of regions. */
    readonly path: ConfigPath;
    /** What is wrong, to follow the path. */
    readonly reason: string;
    /** A value that would be right, when one can be named. */
    readonly better?: string;
    /** What puts it right, when that is not a value of the configuration. */
    readonly fix?: string;
}
