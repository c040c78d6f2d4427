/** What most changes of a relay do. */
export const RESTARTS =
    "applied in place: the relay restarts, clients reconnect within seconds; without `ssh` it may replace the machine";
