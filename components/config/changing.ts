/** What most changes of a relay do. */
export const RESTARTS =
    "applied in place: the relay restarts, clients reconnect within seconds; in a cloud without `ssh`, replaces the machine";
