# shellcheck shell=sh disable=SC2154 # ETC is common.sh's
# Only with certificates that come as files: whether derper serves the one that is in place. It reads them when it
# starts, and never again. Sourced by health.sh.
served=$(timeout 10 openssl s_client -connect "127.0.0.1:$RELAY_DERP_PORT" -servername "$RELAY_HOSTNAME" \
    </dev/null 2>/dev/null | openssl x509 2>/dev/null)
if [ "$served" = "$(openssl x509 -in "$ETC/certs/$RELAY_HOSTNAME.crt" 2>/dev/null)" ]; then
    good "derper serves the certificate in $ETC/certs"
else
    bad_but_mendable "derper must serve the certificate in $ETC/certs: it serves another one"
fi
