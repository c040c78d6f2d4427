#!/bin/sh
# Installs or changes the relay on this machine. The first installation runs it, and every later
# change runs it again: what is right already is left alone, and what does not serve is taken back.
# Follow it in /var/lib/derp-relay/install.log; its last word is in install.status beside it.
set -eu
umask 022
# The firewall comes last: health.sh is not to miss it before.
export INSTALLING=1
part=
here=$(cd "$(dirname "$0")" && pwd)
# shellcheck source=components/cloud-init/files/common.sh
. "$here/common.sh"
# shellcheck source=components/cloud-init/files/build.sh
. "$here/build.sh"
# shellcheck source=components/cloud-init/files/system.sh
. "$here/system.sh"
# shellcheck source=components/cloud-init/files/service.sh
. "$here/service.sh"
# shellcheck source=/dev/null
. "$here/relay.env"
# shellcheck source=components/cloud-init/files/tailnets.sh
[ ! -f "$here/tailnets.sh" ] || . "$here/tailnets.sh"

log() {
    line="$(date +%H:%M:%S) $*"
    # Whoever reads this may be gone, and the disk full: that ends nothing, least of all the way back.
    (echo "$line") 2>/dev/null || :
    (echo "$line" >>"$STATE/install.log") 2>/dev/null || :
}

set_status() {
    echo "$*" >"$STATE/install.status.new"
    mv "$STATE/install.status.new" "$STATE/install.status"
}

fail() {
    log "error: $*"
    set_status "failed: $*"
    exit 1
}

# However it ends: no job goes on, what served serves, and the status says what happened.
end() {
    code=$?
    trap - EXIT
    [ -z "${job:-}" ] || kill "$job" 2>/dev/null || :
    # What a build or a download has left unfinished.
    rm -rf "$STATE"/tmp.* "$STATE/previous.tar.new" ${part:+"$part"}
    case $(cat "$STATE/install.status") in
        running*) roll_back "the installer ended early (code $code): see $STATE/install.log" ;;
    esac
    exit "$code"
}

mkdir -p "$STATE"
exec 9>"$STATE/install.lock"
flock -n 9 || echo "another installation is running: waiting until it ends"
flock -w 3600 9 || {
    echo "another installation has been running for an hour" >&2
    exit 1
}
: >"$STATE/install.log"
set_status running
trap end EXIT
trap 'exit 130' HUP INT TERM

begun=$(date +%s)
# What the relay makes, see remember: on a machine that has no relay yet.
[ -d "$ETC" ] || : >>"$STATE/made"
forget_parts
# What a run that was killed has left half done: one that ends early would leave it so.
[ ! -f "$STATE/previous.tar" ] || serves || { put_back && wait_until check_derper; } || :
[ -n "$ROOT" ] || [ "$(id -u)" = 0 ] || fail "the installer must run as root: got user $(id -un)"
find_arch

log "[1/5] ports and memory"
check_unit
check_ports
if all_work; then
    log "[2/5] derper $BUILD_DERPER_VERSION is built already"
else
    log "[2/5] building derper $BUILD_DERPER_VERSION (minutes)"
    check_disk
    prepare_memory
    order_mirrors
    ensure_go
    build_all
fi
log "[3/5] files and kernel settings"
save_previous
[ ! -f "$here/tailnets.sh" ] || start_tailnets
place_files
tune_kernel
log "[4/5] relay"
# What only one way to a certificate has.
for script in acme.sh files.sh; do
    # shellcheck source=/dev/null
    [ ! -f "$here/$script" ] || . "$here/$script"
done
start_relay
log "[5/5] firewall and timers"
start_firewall
start_timers
forget_previous
forget_builds
[ -f "$here/certbot.sh" ] || rm -f "$OPT/certbot.sh" "$OPT/dns-hook"
save_key
# Also when this is no longer among what is installed: it knows how to leave.
# shellcheck source=components/cloud-init/files/tailnets.sh
[ ! -f "$OPT/tailnets.sh" ] || { . "$OPT/tailnets.sh" && forget_tailnets; }
log "done in $(($(date +%s) - begun)) s: the relay serves as $RELAY_HOSTNAME"
set_status "ok derper $BUILD_DERPER_VERSION payload $(cat "$here/digest")"
# One of two: updates.sh or no-updates.sh.
# shellcheck source=components/cloud-init/files/updates.sh
. "$here"/*updates.sh
