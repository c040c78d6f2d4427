# shellcheck shell=sh
# The machine around the relay: memory, user, files, kernel settings. Sourced by install.sh.

# Megabytes that a build can use: memory that is available, and free swap.
free_memory() {
    awk '/^(MemAvailable|SwapFree):/ { sum += $2 } END { print int(sum / 1024) }' "${MEMINFO:-/proc/meminfo}"
}

memory_words() {
    echo "$(free_memory) MB of memory and swap were free"
}

check_disk() {
    mkdir -p "$CACHE"
    need=1500
    [ ! -x "$CACHE/go-$BUILD_GO_VERSION-$arch/bin/go" ] || need=700
    free=$(df -Pk "$CACHE" | awk 'NR == 2 { print int($4 / 1024) }')
    [ "$free" -ge "$need" ] ||
        fail "the disk of $CACHE must have $need MB free: got $free MB"
}

# Makes a swap file when the compiler's largest process (520 MB) might not find room beside
# the rest of a small machine, and chooses how many compile jobs run at once.
prepare_memory() {
    [ "$(free_memory)" -ge 900 ] || add_swap
    free=$(free_memory)
    memory_limit=
    [ "$free" -ge 1500 ] || memory_limit=300MiB
    jobs=$(($(nproc) * 550 > free ? free / 550 : $(nproc)))
    [ "$jobs" -ge 1 ] || jobs=1
    log "      $free MB of memory and swap free, compile jobs: $jobs"
}

add_swap() {
    swap=$STATE/swapfile
    if systemd-detect-virt --quiet --container; then
        log "      memory is short ($(free_memory) MB), and a container cannot add swap"
        return 0
    fi
    if [ ! -f "$swap" ]; then
        log "      memory is short ($(free_memory) MB): making a swap file of 1 GB"
        # Not fallocate: on XFS and Btrfs its holes make swapon refuse the file.
        if ! timeout 600 dd if=/dev/zero of="$swap.new" bs=1048576 count=1024 2>/dev/null; then
            rm -f "$swap.new"
            fail "no room for a swap file of 1 GB on the disk of $STATE"
        fi
        chmod 600 "$swap.new"
        mkswap "$swap.new" >/dev/null
        mv "$swap.new" "$swap"
    fi
    swapon "$swap" 2>/dev/null || log "      swap could not be switched on"
}

# Arguments: name.
ensure_user() {
    id "$1" >/dev/null 2>&1 && return 0
    useradd --system --user-group --no-create-home --shell /usr/sbin/nologin "$1"
    remember "$1"
}

# What was there before stays when the relay goes; machines of earlier versions have no such list. Arguments: user or folder.
remember() {
    [ ! -f "$STATE/made" ] || grep -qxF "$1" "$STATE/made" || echo "$1" >>"$STATE/made"
}

# The relay's identity, should derper lose it; derper.service puts it back. As derper, whose folder it is: root would
# follow the links there.
save_key() {
    # shellcheck disable=SC2016 # it is the other shell's
    runuser -u derper -- sh -c 'umask 077 && cd "$1" && grep -qs privkey:. derper.key && cp -p derper.key saved.key.new && mv -T saved.key.new saved.key' \
        - "$ROOT/var/lib/derper" || :
}

# Points a name in our folder of programs to a file there, in one step. Arguments: name, file.
link() {
    ln -sfn "$2" "$OPT/bin/$1.new"
    mv -T "$OPT/bin/$1.new" "$OPT/bin/$1"
}

# Puts text on stdin in place. Arguments: target, mode.
put_text() {
    cat >"$STATE/text"
    put "$STATE/text" "$1" "$2"
    rm -f "$STATE/text"
}

# Units, with what this systemd would misread taken out: before 239, @system-service is unknown,
# and a filter with unknown groups only allows nothing.
put_unit() {
    systemd=${systemd:-$(systemctl --version | awk 'NR == 1 { print int($2) }')}
    pattern='^$'
    [ "${systemd:-0}" -ge 239 ] || pattern='^SystemCall'
    grep -v "$pattern" "$here/$1" | put_text "$UNITS/$1" 644
}

place_files() {
    ensure_user derper
    if [ ! -d "$ROOT/var/lib/derper" ]; then
        install -d -m 700 -o derper -g derper "$ROOT/var/lib/derper"
        remember /var/lib/derper
    fi
    [ -d "$ROOT/var/lib/derper/certs" ] || remember /var/lib/derper/certs
    install -d -m 755 "$ETC" "$OPT" "$OPT/bin"
    [ -d "$ETC/certs" ] || install -d -m 750 -g derper "$ETC/certs"
    if [ -f "$here/relay.crt" ]; then
        put "$here/relay.crt" "$ETC/certs/$RELAY_HOSTNAME.crt" 640 derper
        put "$here/relay.key" "$ETC/certs/$RELAY_HOSTNAME.key" 640 derper
    fi
    grep ^RELAY_ "$here/relay.env" | put_text "$ETC/relay.env" 644
    if [ -n "$RELAY_RATE_BYTES" ]; then
        echo "{\"PerClientRateLimitBytesPerSec\": $RELAY_RATE_BYTES}" | put_text "$ETC/rate.json" 644
    else
        rm -f "$ETC/rate.json"
    fi
    for script in common.sh acme.sh record.sh health.sh; do
        [ ! -f "$here/$script" ] || put "$here/$script" "$OPT/$script" 755
    done
    for unit in "$here"/*.service "$here"/*.timer; do put_unit "${unit##*/}"; done
    ports=$RELAY_DERP_PORT
    [ "$RELAY_HTTP_PORT" = -1 ] || ports="$ports, $RELAY_HTTP_PORT"
    {
        echo "define relay_ports = { $ports }"
        cat "$here"/*.nft
    } | put_text "$ETC/firewall.nft" 644
    link derper "$(built derper)"
}

# Kernel settings are a gift, never a reason to fail: containers have them read-only.
tune_kernel() {
    settings=$ROOT/etc/sysctl.d/90-derp-relay.conf
    modprobe -q tcp_bbr 2>/dev/null || :
    put "$here/90-derp-relay.conf" "$settings" 644
    sysctl -e -q -p "$settings" >/dev/null 2>&1 || :
    use_queue || :
}

# The kernel's default queue counts for new interfaces only. Taking away another one makes it anew. A queue
# with a number is somebody's own, and stays.
use_queue() {
    [ "$(sysctl -n net.core.default_qdisc 2>/dev/null)" = fq ] || return 0
    device=$(awk '$2 == "00000000" { print $1; exit }' "${ROUTES:-/proc/net/route}")
    case $(tc qdisc show dev "$device" 2>/dev/null) in
        *' fq '*) ;;
        *' 0: root'*)
            tc qdisc replace dev "$device" root pfifo && tc qdisc del dev "$device" root
            ;;
    esac
}
