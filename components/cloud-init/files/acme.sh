# shellcheck shell=sh
# Only with certificates that derper orders: when it may. Sourced by install.sh and health.sh, from their folder.

# shellcheck source=components/cloud-init/files/record.sh
. "$(dirname "$0")/record.sh"

# derper keeps what it was issued, across installations.
has_certificate() {
    [ -s "$ROOT$RELAY_CERT_FOLDER/$RELAY_HOSTNAME" ]
}

# How what is no answer to an order begins.
NOT_OF_ORDER='EOF$|tls: |(read|write) tcp |remote error|client sent |context canceled|acme/autocert: (missing cert|host .* not conf|.*server name)'

# derper orders at the first connection, and at each later one a minute after an order has failed. So one
# connection is made, and without a certificate derper does not stay up. Told to come back later, it waits five
# minutes before it says so; what other connections are told meanwhile says nothing.
# Arguments: seconds to wait for the certificate.
order_certificate() {
    ! has_certificate || return 0
    ordered=$(date +%s)
    # Whoever gets an answer has seen a certificate.
    if curl -sk -o /dev/null --max-time "$1" --retry 10 --retry-connrefused --retry-delay 1 --noproxy '*' \
        --resolve "$RELAY_HOSTNAME:443:127.0.0.1" "https://$RELAY_HOSTNAME/" || has_certificate; then
        rm -f "$STATE/refusal"
        return 0
    fi
    # Whichever connection was the first is told, a stranger's as well; what strangers get for themselves is left out.
    journalctl -qu derper.service --since="@$ordered" -o cat 2>/dev/null |
        sed -n 's/.*TLS handshake error from [^ ]* //p' | grep -vE "^($NOT_OF_ORDER)" | head -n 1 >"$STATE/refusal"
    [ -s "$STATE/refusal" ] || echo "no answer in $1 s" >"$STATE/refusal"
    systemctl stop derper.service
    return 1
}

# For the health check: says what an order was refused with, and asks for another one after an hour.
# shellcheck disable=SC2034 # asked is for health.sh
check_order() {
    ! has_certificate || return 0
    if [ -n "$(find "$STATE/refusal" -mmin +60 2>/dev/null)" ] && [ -z "$(record_problem)" ]; then
        asked=order
    fi
    bad "derper must have a certificate: $(cat "$STATE/refusal" 2>/dev/null || echo none is ordered yet)"
    return 1
}

# install.sh goes on to start derper.
[ "${0##*/}" != install.sh ] || has_certificate || check_record roll_back
