# shellcheck shell=sh disable=SC2034,SC2154 # some is of and for those that source this
# The tailscaleds that know the members of tailnets, one for each, and what asks them. Only on machines that
# verify clients that way. Sourced by install.sh and health.sh.

TAILSCALED=derp-relay-tailscaled
NEW_KEY="Fix: a new authKey, docs/verify.md"
programs="derper tailscaled"
if [ -f "${here-}/admission.go" ]; then
    programs="$programs admission"
    cmp -s "$here/admission.go" "$OPT/admission.go" || rm -f "$OPT/bin/$(built admission)"
fi

# Arguments: tailnet, then tailscale's.
tailscale() {
    socket=$ROOT/run/$TAILSCALED/$1/tailscaled.sock
    shift
    timeout "${patience:-10}" "$OPT/bin/tailscale" --socket="$socket" "$@" 2>&1
}

# Sets $state to that of a tailscaled, such as Running; to nothing when it does not answer. $domain is what devices of
# the tailnet have behind their names.
find_state() {
    told=$(tailscale "$1" status --json --peers=false) || :
    state=$(echo "$told" | sed -n 's/^  "BackendState": "\(.*\)",$/\1/p')
    domain=$(echo "$told" | sed -n 's/^    "MagicDNSSuffix": "\(.*\)",$/\1/p')
    # It goes on starting while there is no relay, and this may be the first. The members it knows by then.
    case "$state $told" in "Starting "*'"InNetworkMap": true'*) state=Running ;; esac
}

# Any HTTP answer will do. Arguments: control plane.
control_answers() {
    said=$(curl -sS -o /dev/null --max-time 10 "$1" 2>&1) && return 0
    why="the control plane $1 must answer: $said"
    return 1
}

# Whether a tailnet's members can be told from strangers. What is wrong, and with whom, is in $why.
# Arguments: tailnet, control plane.
tailnet_works() {
    find_state "$1"
    why="tailscaled must be connected: it is $state"
    case $state in
        Running) why='' && return 0 ;;
        '') why="tailscaled must answer: it does not (journalctl -u $TAILSCALED@$1)" ;;
        NeedsMachineAuth) why="the tailnet's admin must approve this machine" ;;
        NeedsLogin)
            ! control_answers "$2" ||
                why="this machine must be logged in: it was removed, or its key expired. $NEW_KEY"
            ;;
        *) control_answers "$2" || : ;;
    esac
    why="tailnet $1: $why"
    return 1
}

build_tailscaled() {
    # What is left out makes it a third of its size. Go itself knows the tags of this version.
    try_go "choosing parts of tailscaled" 600 run -C "$module" ./cmd/featuretags --min \
        --add=netstack,cli,ipnbus,unixsocketidentity,health,useproxy,bakedroots
    build -tags "$(tail -n 1 "$output")" ./cmd/tailscaled
}

build_admission() {
    build "$here/admission.go"
}

# For health.sh.
check_tailnets() {
    for each in ${RELAY_TAILNETS-}; do
        if tailnet_works "${each%%=*}" "${each#*=}"; then
            good "tailnet ${each%%=*}${domain:+ ($domain)} says who its members are"
        elif [ -z "$state" ]; then
            unit=$TAILSCALED@${each%%=*}
            bad_but_mendable "$why"
        else
            bad "$why"
        fi
        # derper's own check asks it: one cause is enough.
        [ -z "$why" ] || check_answer() { status=; }
    done
}

# Before anything of the relay changes: when this fails, what serves goes on.
start_tailnets() {
    ensure_user "$TAILSCALED"
    put_unit "$TAILSCALED@.service"
    old=$(readlink "$OPT/bin/tailscaled") || old=
    link tailscaled "$(built tailscaled)"
    link tailscale tailscaled
    systemctl daemon-reload
    for each in $RELAY_TAILNETS; do start_tailnet "${each%%=*}" "${each#*=}"; done
    if [ -f "$here/admission.go" ]; then
        put "$here/admission.go" "$OPT/admission.go" 644
        put_unit derp-relay-admission.service
        link admission "$(built admission)"
        systemctl daemon-reload
        start_unit derp-relay-admission.service "$OPT/bin/admission" "$UNITS/derp-relay-admission.service" ||
            fail "derp-relay-admission.service could not be started"
    fi
    put "$here/tailnets.sh" "$OPT/tailnets.sh" 644
}

# Starts a unit, unless it runs with just these files. Arguments: unit, files.
start_unit() {
    unit=$1
    shift
    systemctl enable -q "$unit"
    [ -n "$(changed "$unit" "$@")" ] || ! systemctl is-active -q "$unit" || return 0
    systemctl restart "$unit" && changed "$unit" "$@" >"$STATE/$unit.started"
}

# Arguments: tailnet, control plane.
start_tailnet() {
    at=$STATE/tailnet.$1
    [ "$(cat "$at" 2>/dev/null || echo "$2")" = "$2" ] ||
        fail "tailnet $1 is at $(cat "$at"): to go to $2, give it another name and a new authKey"
    unit=$TAILSCALED@$1.service
    set -- "$1" "$2" "$unit" "$OPT/bin/tailscaled" "$UNITS/$TAILSCALED@.service"
    # A tailscaled that starts without its control plane knows nobody.
    [ -z "$(changed "$3" "$4" "$5")" ] || control_answers "$2" || keep_tailscaled "tailnet $1: $why"
    start_unit "$3" "$4" "$5" || keep_tailscaled "$unit could not be started"
    for _ in 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15; do
        find_state "$1"
        case $state in Running | NeedsLogin | NeedsMachineAuth | Stopped) break ;; esac
        sleep 2
    done
    new=
    case $state in NeedsLogin | Stopped) new=1 && log_in "$1" "$2" ;; esac
    tailnet_works "$1" "$2" || keep_tailscaled "$why"
    [ -z "$new" ] || log "      logged in to $domain"
    for wish in ${BUILD_DOMAINS-}; do
        case $wish in
            "$1=$domain") ;;
            "$1="*)
                # Where the machine was before, it stays: what serves goes on.
                [ -z "$new" ] || tailscale "$1" logout || :
                keep_tailscaled "tailnet $1 must be ${wish#*=}: the authKey is of $domain. $NEW_KEY"
                ;;
        esac
    done
    echo "$2" >"$at"
}

# Arguments: tailnet, control plane.
log_in() {
    log "      logging in to tailnet $1"
    key=$here/auth-key.$1
    said=$(patience=90 tailscale "$1" up --auth-key="file:$key" --login-server="$2" --hostname="$BUILD_NODE_NAME" \
        --reset --accept-dns=false --accept-routes=false --shields-up --timeout=60s) || :
    case $said in
        *"$(cat "$key")"*) ;;
        *"backend error: "*) keep_tailscaled "tailnet $1: the control plane refuses the authKey: ${said#*backend error: }. $NEW_KEY" ;;
    esac
    find_state "$1"
    case $told in
        *'"KeyExpiry"'*)
            tailscale "$1" logout || :
            keep_tailscaled "tailnet $1: this machine's node key would expire, and then nobody gets in. Fix: a new authKey with a tag, docs/verify.md"
            ;;
    esac
}

# What serves goes on with the tailscaleds that it had. Arguments: what went wrong.
keep_tailscaled() {
    if [ -n "$old" ] && [ "$old" != "$(built tailscaled)" ]; then
        link tailscaled "$old"
        for each in $RELAY_TAILNETS; do
            each=$TAILSCALED@${each%%=*}.service
            rm -f "$STATE/$each.started"
            systemctl restart "$each" || :
            # The others have not been touched yet.
            [ "$each" != "$unit" ] || break
        done
    fi
    fail "$1"
}

# Logs out of tailnets that are no longer the relay's, when it serves without them.
forget_tailnets() {
    for folder in "$ROOT/var/lib/$TAILSCALED"/*/; do
        name=$(basename "$folder")
        case " ${RELAY_TAILNETS-}" in *" $name="*) continue ;; esac
        [ -d "$folder" ] || continue
        log "      leaving tailnet $name"
        tailscale "$name" logout >/dev/null || :
        systemctl disable -q --now "$TAILSCALED@$name.service" || :
        rm -rf "$folder" "$STATE/tailnet.$name" "$STATE/$TAILSCALED@$name.service.started"
    done
    [ -f "$here/admission.go" ] || rm -f "$OPT/admission.go" "$OPT"/bin/admission*
    [ -n "${RELAY_TAILNETS-}" ] ||
        rm -f "$OPT/tailnets.sh" "$UNITS/$TAILSCALED@.service" "$OPT"/bin/tailscale*
}
