#!/bin/sh
# Installs the system's security updates; derp-relay-updates.timer runs it daily. Nothing reboots, and derper
# is linked statically: no update of a library restarts it.
if command -v apt-get >/dev/null; then
    export DEBIAN_FRONTEND=noninteractive
    apt-get -qq update
    command -v unattended-upgrade >/dev/null || apt-get -qqy install unattended-upgrades
    unattended-upgrade
else
    dnf -qy upgrade --security
fi
