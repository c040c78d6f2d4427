# shellcheck shell=sh
# Sees to it that the machine has the IPv6 address $ADDRESS, which its cloud has for it, and $GATEWAY as its way out, on
# the link of IPv4. What configures the network takes away what it has not made, and restarts.
link=$(ip -4 route show default | sed -n 's/.* dev \([^ ]*\).*/\1/p' | head -n 1)
if [ -z "$link" ]; then
    echo "error: the machine has no default route over IPv4 to find the link of its IPv6 address $ADDRESS by" >&2
    exit 1
fi
if [ "$(cat "/proc/sys/net/ipv6/conf/$link/disable_ipv6" 2>/dev/null)" != 0 ]; then
    echo "error: the machine cannot have its IPv6 address $ADDRESS: its image has IPv6 switched off on $link." \
        "Leave out place.ipv6, or choose another place.image and make the machine anew (docs/tencentcloud.md#change)" >&2
    exit 2
fi
# A route that is put in again loses what the kernel has learned of the ways behind it, such as their MTU.
ip -6 address show dev "$link" to "$ADDRESS/128" | grep -q . ||
    # Nobody else has it: the cloud's network delivers it to this machine alone.
    ip -6 address add "$ADDRESS/128" dev "$link" nodad || exit 1
ip -6 route show default via "$GATEWAY" dev "$link" | grep -q . ||
    ip -6 route replace default via "$GATEWAY" dev "$link" onlink
