#!/bin/sh
# Says whether the relay on this machine serves, also what derper itself is silent about: a line each,
# exit code 1 when something is bad. With --ask, as derp-relay-health.service and derper's user, it asks for a restart of
# derper at the third failure in a row that a restart can mend, or of what verifies its clients. With --repair, as
# derp-relay-repair.service and root, it does what was asked for.
set -u
umask 022
# shellcheck source=components/cloud-init/files/common.sh
. "$(dirname "$0")/common.sh"
# shellcheck source=/dev/null
. "$ETC/relay.env"
# shellcheck source=components/cloud-init/files/acme.sh
[ "$RELAY_CERT_MODE" = manual ] || . "$OPT/acme.sh"
by=${1-} code=0 mendable=0 asked='' unit=derper

good() { echo "good  $*"; }
bad() {
    echo "bad   $*"
    code=1
}
bad_but_mendable() {
    bad "$*"
    mendable=1
}

# Arguments: protocol, port, what it is for.
check_port() {
    if port_holders "$1" "$2" | grep -qx "$relay"; then
        good "derper holds $1 port $2 ($3)"
        return
    fi
    intruder=$(port_intruder "$1" "$2" "$relay")
    if [ -n "$intruder" ]; then
        bad "derper must hold $1 port $2 ($3): $intruder does"
    else
        bad_but_mendable "derper must hold $1 port $2 ($3): nobody does"
    fi
}

# derper's own check fails when it cannot reach the tailscaled that verifies clients.
check_answer() {
    status=$(echo "$answer" | sed -n 's/^status //p')
    case $status in
        200) good "derper answers, and its own check passes" ;;
        000) bad_but_mendable "derper must answer on port $RELAY_DERP_PORT: it does not" ;;
        *) bad "derper's own check must pass: HTTP $status, $(echo "$answer" | grep -v '^[*<>{} ]' | head -n 1)" ;;
    esac
}

# Asks what derper asks, for a key that is nobody's, and waits as long. Without an answer derper refuses everybody.
check_verifier() {
    [ -n "$RELAY_VERIFY_URL" ] || return 0
    reply=$(curl -sS --max-time 5 -w '\nHTTP %{http_code}' \
        -d "{\"NodePublic\":\"nodekey:$(printf %064d 1)\",\"Source\":\"127.0.0.1\"}" "$RELAY_VERIFY_URL" 2>&1)
    case $reply in
        *'"Allow"'*'HTTP 200') good "what verifies clients answers" ;;
        *) bad "what verifies clients must answer {\"Allow\": …}: got $(echo "$reply" | grep -oE '(curl:|HTTP [1-9]).*')" ;;
    esac
}

# Arguments: start or expire. Prints seconds since 1970.
certificate_date() {
    text=$(echo "$answer" | sed -n "s/^\*[[:space:]]*$1 date: //p")
    [ -n "$text" ] && date -d "$text" +%s
}

check_certificate() {
    now=$(date +%s)
    if ! until=$(certificate_date expire) || ! from=$(certificate_date start); then
        bad "the certificate must be readable: it is not"
    elif [ "$now" -ge "$until" ]; then
        bad "the certificate must be valid: it expired $(((now - until) / 86400)) days ago"
    elif [ "$now" -lt "$from" ]; then
        bad "the certificate must be valid: it is not yet, or this machine's clock is wrong"
    else
        # In the last week, whatever renews it has not. It serves all the same.
        [ $((until - now)) -ge 604800 ] && verdict=good || verdict=warn
        echo "$verdict  the certificate is valid for $(((until - now) / 86400)) days"
    fi
}

check_disk() {
    free=$(df -Pk "$STATE" | awk 'NR == 2 { print int($4 / 1024) }')
    if [ "$free" -ge 100 ]; then
        good "$free MB of disk are free"
    else
        bad "100 MB of disk must be free: got $free"
    fi
}

# Whoever flushes all rules takes ours along, too.
check_firewall() {
    command -v nft >/dev/null || return 0
    # One chain: a flood leaves many addresses in the sets of the table.
    if rules=$(nft list chain inet derp_relay input 2>/dev/null); then
        good "the firewall dropped $(echo "$rules" | awk -F'packets ' '{ n += $NF } END { print n }') packets"
    else
        bad "the firewall must be loaded: it is not"
    fi
}

check_all() {
    # What takes root is for who asks. The timer has the firewall loaded by another unit.
    [ "$by${INSTALLING-}" ] || check_firewall
    relay=$(derper_pid)
    if [ "$relay" = 0 ]; then
        bad_but_mendable "derper must run: it does not (journalctl -u derper)"
        return
    fi
    check_port tcp "$RELAY_DERP_PORT" DERP
    check_port udp "$RELAY_STUN_PORT" STUN
    [ "$RELAY_HTTP_PORT" = -1 ] || check_port tcp "$RELAY_HTTP_PORT" HTTP
    case $RELAY_HOSTNAME in
        *[a-z]*) host=$RELAY_HOSTNAME ;;
        *) host=127.0.0.1 ;;
    esac
    answer=$(curl -skv --max-time 10 --noproxy '*' -w '\nstatus %{http_code}\n' \
        --resolve "$host:$RELAY_DERP_PORT:127.0.0.1" "https://$host:$RELAY_DERP_PORT/debug/check" 2>&1)
    # shellcheck source=components/cloud-init/files/served.sh
    [ -z "${RELAY_FILES-}" ] || . "$OPT/served.sh"
    # shellcheck source=components/cloud-init/files/tailnets.sh
    [ ! -f "$OPT/tailnets.sh" ] || { . "$OPT/tailnets.sh" && check_tailnets; }
    check_answer
    check_verifier
    [ "$by${INSTALLING-}" ] ||
        good "clients refused within a day: $(journalctl -qu derper.service --since=-1d | grep -c ' rejected: ')"
    [ "$status" = 000 ] || check_certificate
    check_disk
}

# No more than this: who asks is the user of a program that strangers talk to.
if [ "$by" = --repair ]; then
    read -r asked <"$WATCH/asked"
    case $asked in
        *[!a-z0-9@-]*) ;;
        order) systemctl start derper.service && order_certificate 40 ;;
        derper | derp-relay-tailscaled@*) systemctl restart "$asked.service" ;;
    esac
    exit
fi
# Without a certificate no connection to derper: it would place another order.
if [ "$RELAY_CERT_MODE" = manual ] || check_order; then
    check_all
fi
if [ "$by" = --ask ]; then
    count=0
    [ "$mendable" = 0 ] || count=$(($(cat "$WATCH/failures" 2>/dev/null || echo 0) + 1))
    [ "$count" -lt 3 ] || asked=$unit count=0
    echo "$count" >"$WATCH/failures"
    rm -f "$WATCH/asked"
    # Not during an installation: it waits for a derper that it has just started, and orders by itself.
    if [ -n "$asked" ] && flock -n "$STATE/install.lock" true; then
        echo "asking for: $asked"
        echo "$asked" >"$WATCH/asked"
    fi
fi
exit "$code"
