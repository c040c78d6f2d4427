# shellcheck shell=sh disable=SC2154 # here is install.sh's
# Only with securityUpdates: has the system install its own, daily, with what it has for that. Sourced by install.sh at
# its end: what goes wrong here is told, and tried again by the next installation.
switch_on() {
    if command -v apt-get; then
        echo 'APT::Periodic { Update-Package-Lists "1"; Unattended-Upgrade "1"; };' >"$ROOT/etc/apt/apt.conf.d/52derp-relay"
        apt-get -q update
        timeout 900 apt-get -qy -o DPkg::Lock::Timeout=300 install unattended-upgrades
    else
        timeout 900 dnf -qy install dnf-automatic &&
            sed -i 's/^\(upgrade_type = \).*/\1security/' "$ROOT/etc/dnf/automatic.conf" &&
            systemctl enable --now dnf-automatic-install.timer
    fi
}

if [ ! -f "$STATE/updates" ]; then
    log "      switching on security updates"
    { switch_on && : >"$STATE/updates"; } >>"$STATE/install.log" 2>&1 </dev/null 9>&- ||
        log "      they are not on: $(tail -n 1 "$STATE/install.log")"
fi
