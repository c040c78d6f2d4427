# shellcheck shell=sh disable=SC2034 # each script that sources this uses some of it
# What the scripts share: where things are, how a file is put in place, and who holds a port.

# Tests set DERP_RELAY_ROOT: then everything happens below that folder.
ROOT=${DERP_RELAY_ROOT:-}
ETC=$ROOT/etc/derp-relay
OPT=$ROOT/opt/derp-relay
STATE=$ROOT/var/lib/derp-relay
CACHE=$ROOT/var/cache/derp-relay
UNITS=$ROOT/etc/systemd/system
# What the health check remembers, and asks for: it is not root.
WATCH=$ROOT/run/derp-relay-health
# cloud-init and systemd may start us without the folders of the administrator's tools.
[ -n "$ROOT" ] || PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin

# Writes a file beside its place. Arguments: source, target, mode, group.
stage() {
    install -D -m "$3" -g "${4:-root}" "$1" "$2.new"
}

# Puts a file in place, in one step, unless it is there already. Arguments: source, target, mode, group.
put() {
    ! cmp -s "$1" "$2" || return 0
    stage "$@"
    mv "$2.new" "$2"
    log "      wrote $2"
}

# Process ID of the relay, 0 when it does not run. Not from systemctl, which takes root or D-Bus.
derper_pid() {
    at=system.slice/derper.service/cgroup.procs
    pid=$(cat "$ROOT/sys/fs/cgroup/$at" "$ROOT/sys/fs/cgroup/systemd/$at" 2>/dev/null | head -n 1)
    echo "${pid:-0}"
}

# Process IDs that hold a port, one a line. Arguments: tcp or udp, port.
# Reads /proc, because ss is not on every machine.
port_holders() {
    case $1 in tcp) state=0A ;; *) state=07 ;; esac
    table=${PROC_NET:-/proc/self/net}/$1
    sockets=$(cat "$table" "${table}6" 2>/dev/null |
        awk -v end="$(printf ':%04X' "$2")$" -v state="$state" \
            '$2 ~ end && $4 == state { printf "-o -lname *[[]%s[]] ", $10 }')
    [ -n "$sockets" ] || return 0
    # shellcheck disable=SC2086 # words of find
    holders=$(find /proc/[0-9]*/fd -false $sockets 2>/dev/null | cut -d/ -f3 | sort -u)
    echo "${holders:-?}"
}

# Says who other than the relay holds a port, and nothing when nobody does.
# Arguments: tcp or udp, port, process ID of the relay.
port_intruder() {
    for holder in $(port_holders "$1" "$2"); do
        case $holder in
            "$3") ;;
            \?) echo "a hidden process" ;;
            *) echo "$(cat "/proc/$holder/comm" 2>/dev/null) (pid $holder)" ;;
        esac
        [ "$holder" = "$3" ] || return 0
    done
}
