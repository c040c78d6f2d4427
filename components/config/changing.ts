/** What most changes of a relay do. */
export const RESTARTS =
    "applied in place: the relay restarts, clients reconnect within seconds; at Tencent Cloud without `ssh` it replaces the machine";

/** What is handed to the machine and changes nothing there. */
export const RUNS_AGAIN =
    "the installer runs once more; at Tencent Cloud without `ssh` it replaces the machine";

/** Of how Pulumi logs in to a server. */
export const CONNECTS_ANEW =
    "the connection only; the installer runs once more and changes nothing";

/** Of a key that a machine cannot be changed in. */
export const REPLACES = "replaces the machine; the address and a pinned certificate stay";
