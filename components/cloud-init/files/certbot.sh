#!/bin/sh
# Orders the relay's certificate with certbot, or renews it when that is due, and does nothing in between.
# derp-relay-certbot.service runs it, as a user of its own; derp-relay-cert-install.service then gives derper what is new.
set -eu
umask 077
# shellcheck source=components/cloud-init/files/common.sh
. "${DERP_RELAY_ROOT:-}/opt/derp-relay/common.sh"
# shellcheck source=components/cloud-init/files/record.sh
. "$OPT/record.sh"
# shellcheck source=/dev/null
. "$ETC/relay.env"
home=$STATE/certbot

log() { echo "$*"; }

# Whoever renews does so at night: the journal keeps it as an error. The installer reads it there.
fail() {
    echo "error: $*" >&2
    logger -p daemon.err -t derp-relay-certbot -- "$*" 2>/dev/null || :
    exit 1
}

# derp-relay-certbot-port.service sends certbot what comes to port 80, which derper may hold, and nobody else.
check_port() {
    user=$(cat "${PROC_NET:-/proc/self/net}/tcp" "${PROC_NET:-/proc/self/net}/tcp6" 2>/dev/null |
        awk -v derper="$(id -u derper)" '$2 ~ /:0050$/ && $4 == "0A" && $8 != derper { print $8; exit }')
    [ -z "$user" ] ||
        fail "port tcp 80 must be free for the order: a process of $(id -un "$user") holds it (ss -ltnp). Fix: stop it, or use challenge dns-01"
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

check_record fail
set -- certonly -n --agree-tos --keep-until-expiring --cert-name "$RELAY_HOSTNAME" -d "$RELAY_HOSTNAME" \
    --config-dir "$home/config" --work-dir "$home/work" --logs-dir "$home/logs"
if [ -f "$home/force" ]; then
    rm "$home/force"
    set -- "$@" --force-renewal
fi
if [ -n "$RELAY_ACME_EMAIL" ]; then
    set -- "$@" --no-eff-email -m "$RELAY_ACME_EMAIL"
else
    set -- "$@" --register-unsafely-without-email
fi
if [ "$RELAY_CHALLENGE" = dns-01 ]; then
    set -- "$@" --manual --preferred-challenges dns \
        --manual-auth-hook "$OPT/dns-hook add" --manual-cleanup-hook "$OPT/dns-hook remove"
else
    check_port
    set -- "$@" --standalone --preferred-challenges http --http-01-port 33480
fi
said=$(certbot "$@" 2>&1) || explain
log "$said"
