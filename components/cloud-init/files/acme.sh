# shellcheck shell=sh disable=SC2154 # begun is install.sh's
# Only with certificates from Let's Encrypt: when derper may order one. Sourced by install.sh and health.sh.

# derper keeps what it was issued, across installations.
has_certificate() {
    [ -s "$ROOT$RELAY_CERT_FOLDER/$RELAY_HOSTNAME" ]
}

# Says what is wrong with the relay's record, and nothing when it is right. A machine that bears the relay's
# own name answers with 127.0.1.1, which tells nothing of the record.
record_problem() {
    found=$(getent ahostsv4 "$RELAY_HOSTNAME" | awk '!seen[$1]++ { printf "%s ", $1 }')
    case $found in
        "$RELAY_ADDRESS " | 127.*) ;;
        *) echo "$RELAY_HOSTNAME must resolve to $RELAY_ADDRESS before a certificate is ordered: got ${found:-nothing }" ;;
    esac
}

# Five orders that fail in an hour are all that Let's Encrypt allows: with a wrong record derper must not
# even start. Resolvers may keep an old answer for a while.
check_record() {
    until problem=$(record_problem) && [ -z "$problem" ]; do
        [ $(($(date +%s) - begun)) -lt "${NETWORK_WAIT:-120}" ] ||
            fail "${problem% }. Fix: its A record, then wait until it is known everywhere"
        log "      ${problem% }, trying again"
        sleep 10
    done
}

# derper orders at the first connection, and at each later one a minute after an order has failed. So one
# connection is made, and without a certificate derper does not stay up. Told to come back later, it waits five
# minutes before it says so; what other connections are told meanwhile says nothing.
# Arguments: seconds to wait for the certificate.
order_certificate() {
    ! has_certificate || return 0
    ordered=$(date +%s)
    curl -sk -o /dev/null --max-time "$1" --retry 10 --retry-connrefused --retry-delay 1 --noproxy '*' \
        --resolve "$RELAY_HOSTNAME:443:127.0.0.1" "https://$RELAY_HOSTNAME/" || :
    if has_certificate; then
        rm -f "$STATE/refusal"
        return 0
    fi
    journalctl -q -u derper.service --since "@$ordered" -o cat --no-pager 2>/dev/null |
        sed -n '/missing certificate/d; s/.*TLS handshake error from [^ ]* //p' | head -n 1 >"$STATE/refusal"
    [ -s "$STATE/refusal" ] || echo "no answer in $1 s" >"$STATE/refusal"
    systemctl stop derper.service
    return 1
}

# For the health check: says what an order was refused with, and tries again after an hour.
check_order() {
    ! has_certificate || return 0
    if [ -n "$(find "$STATE/refusal" -mmin +60 2>/dev/null)" ] && [ -z "$(record_problem)" ]; then
        systemctl start derper.service
        ! order_certificate 40 || return 0
    fi
    bad "derper must have a certificate: $(cat "$STATE/refusal" 2>/dev/null || echo none is ordered yet)"
    return 1
}
