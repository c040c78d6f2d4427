# shellcheck shell=sh
# Gets Go and builds derper and what belongs to it, both from a Go module proxy. Sourced by install.sh.

programs=derper

# File of a program that this machine has built.
built() {
    echo "$1-$BUILD_DERPER_VERSION-go$BUILD_GO_VERSION"
}

works() {
    timeout 20 "$OPT/bin/$(built "$1")" -version >/dev/null 2>&1
}

all_work() {
    for program in $programs; do works "$program" || return 1; done
}

# Sets arch to Go's name of this machine's processor.
find_arch() {
    case $(uname -m) in
        x86_64) arch=amd64 go_sha256=$BUILD_GO_SHA256_AMD64 ;;
        aarch64) arch=arm64 go_sha256=$BUILD_GO_SHA256_ARM64 ;;
        *) fail "the processor must be x86_64 or aarch64: got $(uname -m)" ;;
    esac
}

# Downloads a URL to a file; on failure the reason is in $reason.
# Arguments: URL, file, seconds.
fetch() {
    reason=$(curl -fsSL --connect-timeout 10 --speed-limit 4096 --speed-time 30 \
        --max-time "$3" -o "$2" "$1" 2>&1)
}

# Sets mirrors to the configured proxies, the first that answers in front: Go would wait
# for a dead one again at every module.
find_mirrors() {
    tried='' mirrors='' slow=''
    for mirror in $(echo "$BUILD_GO_PROXIES" | tr , ' '); do
        if [ -n "$mirrors" ]; then
            mirrors="$mirrors $mirror"
        elif fetch "$mirror/tailscale.com/@v/$BUILD_DERPER_VERSION.info" /dev/null 15; then
            mirrors=$mirror
        else
            tried="$tried; $mirror: $reason"
            slow="$slow $mirror"
            log "      $mirror does not answer ($reason), trying the next"
        fi
    done
    [ -n "$mirrors" ]
}

# At first boot the machine's address may still be on its way: then NETWORK_WAIT says how many seconds
# that may take.
order_mirrors() {
    until find_mirrors; do
        [ $(($(date +%s) - begun)) -lt "${NETWORK_WAIT:-0}" ] ||
            fail "no Go module proxy answers${tried}. Fix: check the machine's network"
        sleep 5
    done
    mirrors="$mirrors$slow"
    log "      modules come from ${mirrors%% *}"
}

is_go_zip() {
    [ -f "$1" ] && echo "$go_sha256  $1" | sha256sum -c >/dev/null 2>&1
}

# Downloads the Go toolchain from the first mirror that has the very file whose checksum is pinned.
download_go() {
    name=v0.0.1-go$BUILD_GO_VERSION.linux-$arch.zip
    zip=$CACHE/downloads/$name
    is_go_zip "$zip" && return 0
    mkdir -p "$CACHE/downloads"
    tried='' part=$(mktemp "$zip.XXXXXX")
    for mirror in $mirrors; do
        log "      downloading Go $BUILD_GO_VERSION for $arch from $mirror"
        if ! fetch "$mirror/golang.org/toolchain/@v/$name" "$part" 1200; then
            tried="$tried; $mirror: $reason"
        elif is_go_zip "$part"; then
            mv "$part" "$zip"
            return 0
        else
            tried="$tried; $mirror: its file has another checksum than the pinned one"
        fi
    done
    fail "Go $BUILD_GO_VERSION could not be downloaded${tried}"
}

# Unpacks a zip file with whatever this machine has. Arguments: file, folder.
unpack_zip() {
    {
        timeout 900 unzip -q -o "$1" -d "$2" || timeout 900 python3 -m zipfile -e "$1" "$2" ||
            timeout 900 /usr/libexec/platform-python -m zipfile -e "$1" "$2"
    } >>"$STATE/install.log" 2>&1
}

ensure_go() {
    goroot=$CACHE/go-$BUILD_GO_VERSION-$arch
    [ ! -x "$goroot/bin/go" ] || return 0
    download_go
    part=$(mktemp -d "$goroot.XXXXXX")
    unpack_zip "$zip" "$part" ||
        fail "$zip could not be unpacked: install unzip"
    top=$part/golang.org/toolchain@${name%.zip}
    # A module's zip carries no modes, and its go.mod files are renamed.
    chmod -R u+rwX,go+rX "$top"
    chmod 755 "$top"/bin/* "$top"/pkg/tool/*/*
    for mod in "$top/src" "$top/src/cmd"; do
        [ ! -f "$mod/_go.mod" ] || mv "$mod/_go.mod" "$mod/go.mod"
    done
    # Another machine that shares this cache may have been faster.
    [ -e "$goroot" ] || mv "$top" "$goroot"
    rm -rf "$part"
}

# Becomes Go, with everything below the cache folder and nothing from the caller. Only in a subshell.
# Arguments: seconds, then Go's.
go_tool() {
    limit=$1
    shift
    exec timeout "$limit" nice env -i PATH="$PATH" HOME="$CACHE" TMPDIR="$tmp" GOENV=off \
        GOROOT="$goroot" GOPATH="$CACHE/go" GOMODCACHE="$CACHE/go-mod" GOCACHE="$CACHE/go-build" \
        GOPROXY="$(echo "$mirrors" | tr ' ' '|')" GOSUMDB="$sumdb" GOTOOLCHAIN=local GOFLAGS=-mod=readonly \
        CGO_ENABLED=0 ${memory_limit:+GOMEMLIMIT="$memory_limit"} ${https_proxy:+https_proxy="$https_proxy"} \
        "$goroot/bin/go" "$@"
}

# Runs Go and says every 15 seconds that it still does. Its output goes to $output.
# Arguments: what it does, seconds, then Go's.
watch_go() {
    title=$1 started=$(date +%s) ticks=0
    shift
    # Should this script die, the lock must not be held by Go.
    go_tool "$@" >"$output" 2>&1 9>&- &
    job=$!
    while kill -0 "$job" 2>/dev/null; do
        sleep 1
        ticks=$((ticks + 1))
        [ $((ticks % 15)) != 0 ] ||
            log "      $title: $(($(date +%s) - started)) s, $(wc -l <"$output") packages so far"
    done
    code=0
    wait "$job" || code=$?
    job=
    return "$code"
}

# Runs Go up to three times: mirrors have bad moments. What was done is not done again.
# The second time asks the checksum database under its name in China.
try_go() {
    for sumdb in sum.golang.org sum.golang.google.cn sum.golang.org; do
        watch_go "$@" && return 0
        cat "$output" >>"$STATE/install.log"
        case "$code $(cat "$output")" in
            124*) fail "$1 took longer than $2 s: $(memory_words)" ;;
            137* | *"signal: killed"* | *"out of memory"* | *"cannot allocate memory"*)
                fail "$1 ran out of memory: $(memory_words). Fix: a machine with 1 GB or more"
                ;;
            *"checksum mismatch"* | *SECURITY*) break ;;
        esac
        log "      $1 failed: $(tail -n 1 "$output")"
        sleep 3
    done
    fail "$1 failed: $(tail -n 3 "$output" | tr '\n' ' ')(proxies: $mirrors)"
}

# Builds inside derper's own module, so that its go.sum vouches for every dependency and the
# checksum database is asked about one module only.
build_all() {
    output=$STATE/go.out
    module=$CACHE/go-mod/tailscale.com@$BUILD_DERPER_VERSION
    mkdir -p "$OPT/bin"
    # Not in the cache, which machines may share.
    tmp=$(mktemp -d "$STATE/tmp.XXXXXX")
    try_go "fetching tailscale.com $BUILD_DERPER_VERSION" 600 mod download "tailscale.com@$BUILD_DERPER_VERSION"
    for program in $programs; do works "$program" || "build_$program"; done
    rm -f "$output"
}

build_derper() {
    build ./cmd/derper
}

# Builds $program. Arguments: Go's.
build() {
    part=$(mktemp "$OPT/bin/new.XXXXXX")
    stamp=${BUILD_DERPER_VERSION#v}
    try_go "building $program" 3600 build -C "$module" -v -p "$jobs" \
        -trimpath -buildvcs=false -o "$part" \
        -ldflags "-s -w -X tailscale.com/version.longStamp=$stamp -X tailscale.com/version.shortStamp=$stamp" "$@"
    chmod 755 "$part"
    mv "$part" "$OPT/bin/$(built "$program")"
    works "$program" || fail "the new $program does not run"
}

# What builds and downloads of runs that were killed have left. Other machines may use the same cache just now.
forget_parts() {
    rm -rf "$OPT"/bin/new.*
    find "$CACHE" "$CACHE/downloads" -maxdepth 1 \( -name 'go-*-*.??????' -o -name '*.zip.??????' \) -mmin +1440 \
        -exec rm -rf {} + 2>/dev/null || :
}

# A few old builds stay for a quick way back.
forget_builds() {
    for program in $programs; do
        # shellcheck disable=SC2010,SC2046 # names of our own
        rm -f $(ls -t "$OPT/bin/$program"-* | grep -vxF "$OPT/bin/$(built "$program")" | tail -n +3)
    done
}
