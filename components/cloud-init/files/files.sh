# shellcheck shell=sh disable=SC2154 # here is install.sh's
# Only with certificates that come as files, from certbot or from somebody else. Sourced by install.sh before
# the relay starts.
live=$STATE/certbot/config/live/$RELAY_HOSTNAME
certs=$ETC/certs/$RELAY_HOSTNAME

# Whether derper can have a certificate; $reason says why not. Arguments: its file, its key.
is_right() {
    reason=$("$OPT/cert-install.sh" --dry-run "$1" "$2" 2>&1) && return 0
    reason=${reason##*error: }
    return 1
}

# Our own folders and timer: what else certbot does on this machine goes on.
ensure_certbot() {
    mkdir -p "$STATE/certbot"
    [ "$RELAY_CHALLENGE" = dns-01 ] || command -v nft >/dev/null ||
        give_up_order "challenge http-01 must have nft on the machine: it has none. Fix: install the package nftables, or use challenge dns-01"
    command -v certbot >/dev/null && return 0
    log "      installing certbot from the distribution's packages"
    {
        if command -v apt-get; then
            apt-get -q -o DPkg::Lock::Timeout=300 update
            DEBIAN_FRONTEND=noninteractive timeout 900 apt-get -q -y -o DPkg::Lock::Timeout=300 \
                install --no-install-recommends certbot
        else
            tool=$(command -v dnf || echo yum)
            "$tool" -q -y install epel-release
            timeout 900 "$tool" -q -y install certbot
        fi
    } >>"$STATE/install.log" 2>&1 </dev/null 9>&- || :
    command -v certbot >/dev/null ||
        give_up_order "certbot could not be installed: $(tail -n 1 "$STATE/install.log"). Fix: install the package certbot"
    : >"$STATE/certbot/package"
}

# A machine without a relay tries again with the timer, another goes back to what it was: with the timer, if that was
# certbot, too.
give_up_order() {
    case $(tar -xOf "$STATE/previous.tar" etc/derp-relay/relay.env 2>/dev/null || echo none) in
        none | *"RELAY_FILES='certbot'"*) ;;
        *) systemctl disable -q --now derp-relay-certbot.timer ;;
    esac
    roll_back "$1"
}

order_with_certbot() {
    ensure_user derp-relay-certbot
    put "$here/certbot.sh" "$OPT/certbot.sh" 755
    if [ -f "$here/dns-hook" ]; then
        put "$here/dns-hook" "$OPT/dns-hook" 750 derp-relay-certbot
    else
        rm -f "$OPT/dns-hook"
    fi
    ensure_certbot
    # What an earlier version ordered is root's.
    chown -R derp-relay-certbot: "$STATE/certbot"
    systemctl daemon-reload
    systemctl enable -q --now derp-relay-certbot.timer
    ! is_right "$certs.crt" "$certs.key" || return 0
    log "      ordering a certificate for $RELAY_HOSTNAME"
    # Its words from the journal, not from a file of certbot's user: that could lead to any other.
    systemctl start derp-relay-certbot.service 2>/dev/null ||
        give_up_order "$(journalctl -qu derp-relay-certbot.service --since="@$begun" -o cat | sed -n 's/^error: //p' | tail -n 1)"
    is_right "$live/fullchain.pem" "$live/privkey.pem" || give_up_order "$reason"
    put "$live/fullchain.pem" "$certs.crt" 640 derper
    put "$live/privkey.pem" "$certs.key" 640 derper
}

place_tools() {
    put "$here/served.sh" "$OPT/served.sh" 644
    put "$here/service.sh" "$OPT/service.sh" 644
    put "$here/cert-install.sh" "$OPT/cert-install.sh" 755
    mkdir -p "$ROOT/usr/local/sbin"
    ln -sfn "$OPT/cert-install.sh" "$ROOT/usr/local/sbin/derp-relay-cert-install"
}

# Goes back, and leaves this version's command beside a relay of an earlier one. Arguments: what is wrong.
ask_for_files() {
    (roll_back "$1. Fix: derp-relay-cert-install --for $RELAY_HOSTNAME CERT KEY on the machine, then the same command again") || :
    place_tools
    exit 1
}

place_tools
if [ -f "$here/certbot.sh" ]; then
    order_with_certbot
else
    # Brought while the relay had another mode or name.
    brought=$STATE/certs/$RELAY_HOSTNAME
    if [ -f "$brought.key" ]; then
        if is_right "$brought.crt" "$brought.key"; then
            put "$brought.crt" "$certs.crt" 640 derper
            put "$brought.key" "$certs.key" 640 derper
        else
            why=$reason
            is_right "$certs.crt" "$certs.key" || ask_for_files "$why"
        fi
    fi
    [ -f "$certs.crt" ] || ask_for_files "$RELAY_HOSTNAME must have a certificate: it has none yet"
    is_right "$certs.crt" "$certs.key" || ask_for_files "$reason"
fi
