# shellcheck shell=sh disable=SC2154 # begun is that of who sources it
# Only where certificates are ordered: whether the name leads here. Sourced by acme.sh and certbot.sh.

# Says what is wrong with the relay's record, and nothing when it is right. A machine that bears the relay's
# own name answers with 127.0.1.1, which tells nothing of the record.
record_problem() {
    found=$(getent ahostsv4 "$RELAY_HOSTNAME" | awk '!seen[$1]++ { printf "%s ", $1 }')
    case $found in
        "$RELAY_ADDRESS " | 127.*) ;;
        *) echo "$RELAY_HOSTNAME must resolve to $RELAY_ADDRESS before a certificate is ordered: got ${found:-nothing }" ;;
    esac
}

# Five orders that fail in an hour are all that Let's Encrypt allows: with a wrong record nobody
# may order. Resolvers may keep an old answer for a while.
check_record() {
    until problem=$(record_problem) && [ -z "$problem" ]; do
        [ $(($(date +%s) - begun)) -lt "${NETWORK_WAIT:-120}" ] ||
            fail "${problem% }. Fix: its A record, then wait until it is known everywhere"
        log "      ${problem% }, trying again"
        sleep 10
    done
}
