# shellcheck shell=sh
# Only where certificates are ordered: whether the name leads here. Sourced by acme.sh and certbot.sh.

# Arguments: name, or an address in any notation.
addresses() {
    getent -A ahosts "$1" | awk '!seen[$1]++ { print $1 }'
}

# Says what is wrong with the relay's records, and nothing when they are right. Authorities prefer an AAAA record where
# there is one, so that has to lead here, too; with -A also a machine without IPv6 sees it. Not from ip: the health check
# has no right to ask the kernel. A machine that bears the relay's own name answers with 127.0.1.1 or ::1, which tells
# nothing of the record.
# shellcheck disable=SC2086 # a line each becomes a word each
record_problem() {
    own=$(awk '$4 == 0 && !/^f/ { gsub(/..../, "&:", $1); print substr($1, 1, 39) }' \
        "${PROC_NET:-/proc/self/net}/if_inet6" 2>/dev/null || :)
    own=$(for address in $own; do addresses "$address"; done)
    found=$(addresses "$RELAY_HOSTNAME")
    case $(echo "$found" | grep -vxF -e "$own" -e ::1) in
        "$RELAY_ADDRESS" | 127.*) ;;
        *) echo "$RELAY_HOSTNAME must resolve to $RELAY_ADDRESS${own:+, an AAAA record to}" $own "before a certificate is ordered: got" ${found:-nothing} ;;
    esac
}

# Five orders that fail in an hour are all that Let's Encrypt allows: with a wrong record nobody
# may order. Resolvers may keep an old answer for a while. Arguments: what to call when it stays wrong.
check_record() {
    looked=$(date +%s)
    until problem=$(record_problem) && [ -z "$problem" ]; do
        [ $(($(date +%s) - looked)) -lt "${NETWORK_WAIT:-120}" ] ||
            "$1" "$problem. Fix: its A and AAAA records, then wait until they are known everywhere"
        log "      $problem, trying again"
        sleep 10
    done
}
