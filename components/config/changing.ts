/** What changing a key does that the relay reads when it starts. */
export const RESTARTS =
    "applied in place: the relay restarts, clients reconnect within seconds; in a cloud without `ssh`, replaces the machine";
