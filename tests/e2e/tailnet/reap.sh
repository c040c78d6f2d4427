#!/bin/sh
# Removes a tailnet of the tests: ends what runs in its namespaces, then takes away the namespaces and
# their links. Finds nothing to do when it is gone already. With --at-end-of-input it first waits until
# nobody holds its standard input open, which is how it outlives a test run that was killed.
#
# usage: reap.sh [--at-end-of-input] NAMESPACE...
set -u

if [ "${1-}" = --at-end-of-input ]; then
    shift
    cat >/dev/null
fi

# Every process in these namespaces was started by the tailnet, so that their ids need no record
# that could be lost or go stale.
processes() {
    for namespace in "$@"; do
        ip netns pids "$namespace" 2>/dev/null
    done
}

signal_all() {
    signal=$1
    shift
    for id in $(processes "$@"); do
        kill "-$signal" "$id" 2>/dev/null
    done
}

signal_all TERM "$@"
tries=0
while [ -n "$(processes "$@")" ] && [ "$tries" -lt 30 ]; do
    sleep 0.1
    tries=$((tries + 1))
done
signal_all KILL "$@"

for namespace in "$@"; do
    # A link is named after the namespace that its other end is in. The kernel takes its time to
    # remove a namespace with all that is in it, so the link goes first.
    ip link delete "$namespace" 2>/dev/null
    ip netns delete "$namespace" 2>/dev/null
done

for namespace in "$@"; do
    if [ -e "/run/netns/$namespace" ] || [ -e "/sys/class/net/$namespace" ]; then
        echo "could not remove $namespace" >&2
        exit 1
    fi
done
