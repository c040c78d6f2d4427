/** What most changes of a relay do. */
export const RESTARTS =
    "applied in place: the relay restarts, clients reconnect within seconds; at Tencent Cloud without `ssh` it replaces the machine";
