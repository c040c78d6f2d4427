# shellcheck shell=sh
# Gives the machine, until it is switched off, the IPv6 address $ADDRESS that its cloud has for it, and $GATEWAY as its
# way out. The link is that of IPv4.
set -e
link=$(ip -4 route show default | sed -n 's/.* dev \([^ ]*\).*/\1/p' | head -n 1)
if [ "$(cat "/proc/sys/net/ipv6/conf/$link/disable_ipv6" 2>/dev/null)" != 0 ]; then
    echo "error: the machine cannot have the IPv6 address $ADDRESS: its image has IPv6 switched off" \
        "(${link:-there is no default route}). Choose another place.image, or leave out place.ipv6" >&2
    exit 1
fi
# Nobody else has it: the cloud's network delivers it to this machine alone.
ip -6 address replace "$ADDRESS/128" dev "$link" nodad
ip -6 route replace default via "$GATEWAY" dev "$link" onlink
