#!/bin/sh
# Orders the relay's certificate with certbot, or renews it when that is due, and does nothing in between. The
# installer runs it, then derp-relay-certbot.timer, which has it given to derper with --install. Further
# arguments are certbot's.
set -eu
# shellcheck source=components/cloud-init/files/common.sh
. "${DERP_RELAY_ROOT:-}/opt/derp-relay/common.sh"
# shellcheck source=components/cloud-init/files/record.sh
. "$OPT/record.sh"
# shellcheck source=/dev/null
. "$ETC/relay.env"
begun=$(date +%s) home=$STATE/certbot live=$STATE/certbot/config/live/$RELAY_HOSTNAME

log() { echo "$*"; }

fail() {
    echo "error: $*" >&2
    logger -p daemon.err -t derp-relay-certbot -- "$*" 2>/dev/null || :
    exit 1
}

# The relay has got another way to its certificate.
if [ -z "${RELAY_CHALLENGE-}" ]; then
    systemctl disable -q --now derp-relay-certbot.timer
    rm -f "$UNITS"/derp-relay-certbot.* "$OPT/dns-hook" "$OPT/certbot.sh"
    exit
fi
install=''
if [ "${1-}" = --install ]; then
    install=1
    shift
fi
# derper holds port 80 and goes on doing so: for the order, new connections to it go to another port.
BORROWER=33480
borrow_port() {
    give_port_back
    trap give_port_back EXIT
    echo "table ip derp_relay_order { chain prerouting {
type nat hook prerouting priority -100; tcp dport 80 redirect to :$BORROWER; }; }" | nft -f - ||
        fail "port tcp 80, which derper holds, could not be redirected for the order. Fix: install nft, set ports.http to -1, or use challenge dns-01"
}

give_port_back() {
    nft delete table ip derp_relay_order 2>/dev/null || :
}

# With Python 3.11, certbot 2.1 (Debian 12) says "can't set attribute" instead of what the server said:
# https://github.com/certbot/certbot/issues/9539. Its log has the server's words.
explain() {
    said=$(echo "$said" |
        sed '/^Saving debug/d; /^Requesting a/d; /^Account reg/d; /^Some chall/d; /^Ask for/d; /^- - -/d; /^AttributeError/d' |
        tr -s '\n ' ' ' | cut -c 1-800 | sed 's/ $//')
    for word in type detail; do
        found=$(grep -oE "\"$word\": *\"([^\"\\\\]|\\\\.)*\"" "$home/logs/letsencrypt.log" 2>/dev/null |
            sed '/-01"$/d; s/^[^:]*: *//' | tail -n 1)
        said="$said${found:+ $found}"
    done
    fail "certbot got no certificate for $RELAY_HOSTNAME: $said"
}

check_record
set -- certonly -n --agree-tos --keep-until-expiring --cert-name "$RELAY_HOSTNAME" -d "$RELAY_HOSTNAME" \
    --config-dir "$home/config" --work-dir "$home/work" --logs-dir "$home/logs" "$@"
if [ -n "$RELAY_ACME_EMAIL" ]; then
    set -- "$@" --no-eff-email -m "$RELAY_ACME_EMAIL"
else
    set -- "$@" --register-unsafely-without-email
fi
if [ "$RELAY_CHALLENGE" = dns-01 ]; then
    set -- "$@" --manual --preferred-challenges dns \
        --manual-auth-hook "$OPT/dns-hook add" --manual-cleanup-hook "$OPT/dns-hook remove"
else
    relay=$(derper_pid)
    intruder=$(port_intruder tcp 80 "$relay")
    [ -z "$intruder" ] ||
        fail "port tcp 80 must be free for the order: $intruder holds it. Fix: stop it, or use challenge dns-01"
    set -- "$@" --standalone --preferred-challenges http
    if [ -n "$(port_holders tcp 80)" ]; then
        borrow_port
        set -- "$@" --http-01-port "$BORROWER"
    fi
fi
said=$(certbot "$@" 2>&1) || explain
give_port_back
log "$said"
# Also when nothing is new: an earlier one may still wait for a disk with room.
[ -z "$install" ] ||
    exec "$OPT/cert-install.sh" "$live/fullchain.pem" "$live/privkey.pem"
