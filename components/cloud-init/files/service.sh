# shellcheck shell=sh disable=SC2154 # here is install.sh's
# Starts what was installed, and goes back to what served before when it does not serve. Sourced by
# install.sh and cert-install.sh.

# What a change could break: enough to serve as before.
PREVIOUS="--exclude=opt/derp-relay/bin/*-v[0-9]* etc/derp-relay opt/derp-relay etc/systemd/system/derper.service etc/systemd/system/derp-relay-*"

# Whose unit it is: somebody may run derper by hand.
check_unit() {
    [ ! -f "$UNITS/derper.service" ] || grep -q /opt/derp-relay/ "$UNITS/derper.service" ||
        fail "$UNITS/derper.service must be this relay's: it is another one. Fix: systemctl disable --now derper, then move the file away"
}

check_ports() {
    relay=$(derper_pid)
    for port in "tcp $RELAY_DERP_PORT" "tcp $RELAY_HTTP_PORT" "udp $RELAY_STUN_PORT"; do
        # shellcheck disable=SC2086 # protocol and number are two words
        intruder=$(port_intruder $port "$relay")
        [ -z "$intruder" ] ||
            fail "port $port must be free: $intruder holds it. Fix: stop it, or configure another port"
    done
}

# Prints the fingerprint of a service's files, and nothing when it was started with just these.
# Arguments: service, files.
changed() {
    name=$1
    shift
    now=$(cat "$@" 2>/dev/null | sha256sum)
    [ "$now" = "$(cat "$STATE/$name.started" 2>/dev/null)" ] || echo "$now"
}

# What the health check says is in $reason; cert-install.sh has another in its place.
check_health() {
    reason=$("$OPT/health.sh" 2>&1)
}

# Whether derper serves, whatever else is wrong: what verifies its clients may be away, or the disk full.
check_derper() {
    check_health && return 0
    echo "$reason" | grep -q '^good  derper holds tcp' &&
        ! echo "$reason" | grep -qE '^bad +(derper must|the certificate must)'
}

# Whether what is installed is worth keeping; cert-install.sh has another in its place.
serves() { check_derper; }

# Whether a change has done well; cert-install.sh has another in its place.
is_healthy() { check_health; }

# Keeps what serves now. What does not serve is not worth going back to.
save_previous() {
    # An interrupted run has left a better one: what is in place now may be half new.
    [ ! -f "$STATE/previous.tar" ] || return 0
    serves || return 0
    # Whole or not at all: a part of it would be unpacked over what serves.
    # shellcheck disable=SC2086 # a list
    why=$({ umask 077 && cd "$ROOT/" && tar -cf "$STATE/previous.tar.new" $PREVIOUS; } 2>&1) || {
        rm -f "$STATE/previous.tar.new"
        fail "what serves now could not be saved, so nothing was changed: $why"
    }
    mv "$STATE/previous.tar.new" "$STATE/previous.tar"
}

# After a change that has done well: also a certificate that was brought for it, see cert-install.sh.
forget_previous() {
    rm -f "$STATE/previous.tar" "$STATE/certs/$RELAY_HOSTNAME.crt" "$STATE/certs/$RELAY_HOSTNAME.key"
}

put_back() {
    tar -xpf "$STATE/previous.tar" -C "$ROOT/" || return 1
    rm -f "$STATE/previous.tar" "$STATE/derper.started"
    systemctl daemon-reload
    systemctl restart derper.service || :
}

# Arguments: what went wrong.
roll_back() {
    [ -f "$STATE/previous.tar" ] || fail "$1"
    log "      $1"
    put_back || fail "$1. What served before could not be put back"
    wait_until check_derper || fail "$1. What served before does not serve any more either: $reason"
    fail "$1. Rolled back: what served before serves again"
}

# Waits until a check succeeds. The last reason against it is in $reason.
wait_until() {
    for _ in $(seq 20); do
        sleep 1
        "$1" && return 0
    done
    reason=$(echo "$reason" | sed -n 's/^bad *//p' | head -n 2 | tr '\n' ' ')
    reason=${reason% }
    return 1
}

# With certificates from Let's Encrypt, acme.sh has another in its place.
order_certificate() { :; }

start_relay() {
    systemctl daemon-reload
    systemctl enable -q derper.service
    certs=$ETC/certs/$RELAY_HOSTNAME
    set -- "$OPT/bin/derper" "$ETC/relay.env" "$ETC/rate.json" "$UNITS/derper.service" "$certs.crt" "$certs.key"
    new=$(changed derper "$@")
    if [ -z "$new" ] && systemctl is-active -q derper.service; then
        wait_until is_healthy || fail "the relay is not healthy: $reason"
        return 0
    fi
    rm -f "$STATE/derper.started"
    systemctl restart derper.service || roll_back "derper.service could not be started: $(journalctl -qu derper.service -n 4 -o cat 2>/dev/null | tr '\n' ' ')"
    if ! order_certificate 320; then
        # Where nothing served before, it tries again.
        [ -f "$STATE/previous.tar" ] || start_timers
        roll_back "no certificate for $RELAY_HOSTNAME: $(cat "$STATE/refusal")"
    fi
    wait_until is_healthy || roll_back "the relay is not healthy: $reason"
    changed derper "$@" >"$STATE/derper.started"
    # What no longer belongs to the relay goes.
    for old in "$ETC"/certs/*; do
        [ "$old" = "$certs.crt" ] || [ "$old" = "$certs.key" ] || rm -f "$old"
    done
}

# A firewall that cannot be loaded is a pity, never a reason to be without a relay.
start_firewall() {
    if ! command -v nft >/dev/null; then
        log "      nft is not on this machine: no firewall"
        return 0
    fi
    systemctl enable -q derp-relay-firewall.service
    set -- "$ETC/firewall.nft" "$UNITS/derp-relay-firewall.service"
    new=$(changed firewall "$@")
    [ -n "$new" ] || ! systemctl is-active -q derp-relay-firewall.service || return 0
    if timeout 60 systemctl restart derp-relay-firewall.service; then
        changed firewall "$@" >"$STATE/firewall.started"
    else
        log "      the firewall could not be loaded: journalctl -u derp-relay-firewall"
    fi
}

start_timers() {
    for timer in "$here"/*.timer; do
        systemctl enable -q --now "${timer##*/}"
    done
    # What the relay no longer has. Templates, whose names end with @, cannot be stopped: see tailnets.sh.
    for unit in "$UNITS"/derp-relay-*[a-z].*; do
        # Folders beside them are drop-ins of the machine's owner.
        if [ ! -f "$unit" ] || [ -f "$here/${unit##*/}" ]; then continue; fi
        systemctl disable -q --now "${unit##*/}"
        rm -f "$unit"
    done
}
