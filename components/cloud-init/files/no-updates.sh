# shellcheck shell=sh disable=SC2154 # install.sh's
# Only without securityUpdates, in the place of updates.sh: takes back what that one switched on. What the system does
# without us goes on. Sourced by install.sh at its end.
rm -f "$ROOT/etc/apt/apt.conf.d/52derp-relay"
if [ -f "$STATE/updates" ]; then
    log "      switching off security updates"
    if command -v apt-get >/dev/null; then
        # The package stays, and switches itself on where it is installed.
        sed -i 's/"1"/"0"/' "$ROOT/etc/apt/apt.conf.d/20auto-upgrades" 2>/dev/null || :
    else
        systemctl disable -q --now dnf-automatic-install.timer 2>/dev/null || :
    fi
    rm "$STATE/updates"
fi
