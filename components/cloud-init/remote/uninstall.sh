# shellcheck shell=sh disable=SC2154 # owner, see below
# Runs on a server over SSH, as root, when its region is destroyed: takes away what install.sh made, and
# nothing else. Every step may find its work done. In front of it stands `owner=…`: whose relay is to go.
set -u
now=$(cat /var/lib/derp-relay/owner 2>/dev/null)
if [ -n "$now" ] && [ "$now" != "$owner" ]; then
    echo "the relay on this server is left: it belongs to $now now"
    exit 0
fi
# Should an installation still be going on, whose operator has lost the connection.
if [ -f /var/lib/derp-relay/install.lock ]; then
    exec 9</var/lib/derp-relay/install.lock
    flock -n 9 || echo "an installation is running: waiting until it ends"
    flock -w 3600 9 || {
        echo "error: an installation has been running for an hour: see /var/lib/derp-relay/install.log" >&2
        exit 1
    }
fi
# One that somebody runs by hand, for which the installation was refused, stays with all that is its.
derper=
unit=/etc/systemd/system/derper.service
if [ -f "$unit" ]; then
    ! grep -q /opt/derp-relay/ "$unit" || derper=derper
elif [ -d /etc/derp-relay ] || [ -f /var/lib/derp-relay/made ]; then
    derper=derper
fi
tailscaled=derp-relay-tailscaled
tailnets=
for folder in "/var/lib/$tailscaled"/*/; do
    [ -d "$folder" ] || continue
    name=$(basename "$folder")
    timeout 20 /opt/derp-relay/bin/tailscale --socket="/run/$tailscaled/$name/tailscaled.sock" logout 2>/dev/null
    tailnets="$tailnets $tailscaled@$name.service"
done
if [ -f /var/lib/derp-relay/certbot/package ]; then
    # It came with the relay, and stays if somebody else has a certificate by it. What it needs stays, too.
    [ -n "$(ls -A /etc/letsencrypt/renewal 2>/dev/null)" ] ||
        DEBIAN_FRONTEND=noninteractive apt-get -q -y remove certbot >/dev/null 2>&1 ||
        dnf -q -y remove certbot >/dev/null 2>&1 || yum -q -y remove certbot >/dev/null 2>&1
fi
rm -f /etc/apt/apt.conf.d/52derp-relay
if [ -f /var/lib/derp-relay/updates ]; then
    # The package came with the relay, and stays, but switched off; see no-updates.sh.
    sed -i 's/"1"/"0"/' /etc/apt/apt.conf.d/20auto-upgrades 2>/dev/null ||
        systemctl disable -q --now dnf-automatic-install.timer 2>/dev/null
fi
units="${derper:+derper.service} derp-relay-health.timer derp-relay-health.service derp-relay-repair.service"
units="$units derp-relay-firewall.service"
units="$units derp-relay-certbot.timer derp-relay-cert-install.service derp-relay-certbot.service"
units="$units derp-relay-certbot-port.service"
# Of earlier versions.
units="$units derp-relay-updates.timer derp-relay-updates.service"
units="$units derp-relay-admission.service$tailnets"
for unit in $units; do
    systemctl stop "$unit" 2>/dev/null
    systemctl disable -q "$unit" 2>/dev/null
    rm -f "/etc/systemd/system/$unit"
done
# Who and what was there before stays. Earlier versions did not write down what they had made.
users='' folders=''
for made in $(cat /var/lib/derp-relay/made 2>/dev/null || echo derper /var/lib/derper "$tailscaled" derp-relay-certbot); do
    case $made in
        derper) users="$users $derper" ;;
        /*) folders="$folders${derper:+ $made}" ;;
        *) users="$users $made" ;;
    esac
done
rm -f "/etc/systemd/system/$tailscaled@.service"
systemctl daemon-reload
swapoff /var/lib/derp-relay/swapfile 2>/dev/null
folders="/etc/derp-relay /opt/derp-relay /var/cache/derp-relay /var/lib/$tailscaled $folders"
# shellcheck disable=SC2086 # a list
rm -rf $folders
[ -z "$derper" ] || rm -f /var/lib/derper/saved.key
rm -rf /run/derp-relay /run/derp-relay-health
rm -f /etc/sysctl.d/90-derp-relay.conf /usr/local/sbin/derp-relay-cert-install
for user in $users; do userdel "$user" 2>/dev/null; done
# shellcheck disable=SC2086 # a list
left=$(ls -d $folders 2>/dev/null)
[ -z "$derper" ] || ! systemctl is-active -q derper.service || left="derper.service $left"
# Last, because it says what was made: should something be left, the next try has to know.
[ -n "$left" ] || rm -rf /var/lib/derp-relay || left=/var/lib/derp-relay
if [ -n "$left" ]; then
    echo "error: the relay could not be removed: $left" >&2
    exit 1
fi
echo "the relay is gone from this server; kernel settings go back at its next boot"
