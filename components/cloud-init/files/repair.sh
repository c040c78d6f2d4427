#!/bin/sh
# Does what derp-relay-health.service asks for and has no right to: derp-relay-repair.service runs it.
set -eu
umask 022
# shellcheck source=components/cloud-init/files/common.sh
. "$(dirname "$0")/common.sh"
# shellcheck source=/dev/null
. "$ETC/relay.env"

read -r asked <"$WATCH/asked"
# No more than this: who asks is the user of a program that strangers talk to.
case $asked in
    *[!a-z0-9@-]*) exit 1 ;;
    order)
        # shellcheck source=components/cloud-init/files/acme.sh
        . "$OPT/acme.sh"
        echo "ordering a certificate for $RELAY_HOSTNAME once more"
        systemctl start derper.service
        order_certificate 40 || echo "refused: $(cat "$STATE/refusal")"
        ;;
    derper | derp-relay-tailscaled@*)
        echo "restarting $asked: 3 failures in a row"
        systemctl restart "$asked.service"
        ;;
esac
