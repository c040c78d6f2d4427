# shellcheck shell=sh disable=SC2154 # here is install.sh's
# Only with securityUpdates: has the system install its own, daily, with what it has for that. Sourced by install.sh at
# its end, when the relay serves: what goes wrong here is told, and tried again by the next installation.

# What no-updates.sh may take back: what was on before is the owner's.
ours() { : >"$STATE/updates"; }

switch_on() {
    if command -v apt-get; then
        # Beside the files of the package and of the machine's owner, which say what is updated and whether it reboots.
        echo 'APT::Periodic{Update-Package-Lists "1";Unattended-Upgrade "1";};' >"$ROOT/etc/apt/apt.conf.d/52derp-relay" || return
        set -- unattended-upgrades apt-daily.timer apt-daily-upgrade.timer
        command -v "$1" || {
            ours
            timeout 900 apt-get -q update
            timeout 900 apt-get -qy -o DPkg::Lock::Timeout=300 install "$1" || return
        }
    else
        set -- dnf-automatic dnf-automatic-install.timer
        systemctl is-enabled -q "$2" || ours
        command -v "$1" || {
            timeout 900 dnf -qy install "$1" || return
            # The file is as the package made it: another one is its owner's, and stays.
            sed -i 's/= default/= security/' "$ROOT/etc/dnf/automatic.conf"
        }
    fi
    shift
    # Images of clouds come without them.
    systemctl enable -q --now "$@"
}

log "      switching on security updates"
switch_on >>"$STATE/install.log" 2>&1 </dev/null 9>&- ||
    log "      security updates could not be switched on: $(tail -n 1 "$STATE/install.log"). Fix: docs/security.md"
