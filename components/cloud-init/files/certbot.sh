#!/bin/sh
# Orders the relay's certificate with certbot, or renews it when that is due, and does nothing in between. The
# installer runs it, then derp-relay-certbot.timer. Arguments: further ones for certbot.
set -eu
# shellcheck source=components/cloud-init/files/common.sh
. "${DERP_RELAY_ROOT:-}/opt/derp-relay/common.sh"
# shellcheck source=components/cloud-init/files/record.sh
. "$OPT/record.sh"
# shellcheck source=/dev/null
. "$ETC/relay.env"
begun=$(date +%s) home=$STATE/certbot

log() { echo "$*"; }

fail() {
    echo "error: $*" >&2
    logger -p daemon.err -t derp-relay-certbot -- "$*" 2>/dev/null || :
    exit 1
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
    intruder=$(port_intruder tcp 80 0)
    [ -z "$intruder" ] ||
        fail "port tcp 80 must be free for the order: $intruder holds it. Fix: stop it, or use challenge dns-01"
    set -- "$@" --standalone --preferred-challenges http
fi
said=$(certbot "$@" 2>&1) || fail "certbot got no certificate for $RELAY_HOSTNAME: $(echo "$said" |
    sed '/^Saving debug log/d; /^Requesting a cert/d; /^Account registered/d; /^Some challenges/d; /^Ask for help/d; /^- - -/d' |
    tr -s '\n ' ' ' | cut -c 1-800)"
log "$said"
