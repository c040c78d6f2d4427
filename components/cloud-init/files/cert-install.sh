#!/bin/sh
# derp-relay-cert-install: checks a certificate that somebody has renewed, gives it to derper, and goes
# back to the old one when the relay does not serve with it. What clients would refuse never gets in.
set -eu
umask 022
# shellcheck source=components/cloud-init/files/common.sh
. "${DERP_RELAY_ROOT:-}/opt/derp-relay/common.sh"
# shellcheck source=components/cloud-init/files/service.sh
. "$OPT/service.sh"
# shellcheck source=/dev/null
. "$ETC/relay.env"
changing='' tmp='' dry='' asked='' later=''

log() { echo "$*"; }
good() { log "good  $*"; }

# Whoever renews does so at night: the journal keeps it as an error, and the exit code tells the caller.
fail() {
    changing=''
    echo "error: $*" >&2
    logger -p daemon.err -t derp-relay-cert-install -- "$*" 2>/dev/null || :
    exit 1
}

end() {
    code=$?
    trap - EXIT
    rm -rf "$tmp" "$certs.crt.new" "$certs.key.new" "$STATE/previous.tar.new"
    [ -z "$changing" ] || roll_back "the change was interrupted"
    exit "$code"
}

usage() {
    echo "usage: derp-relay-cert-install [--dry-run] [--for NAME] CERT KEY
CERT is the relay's certificate in PEM with its chain behind it (fullchain.pem), KEY its private key.
Checks both, installs them for $RELAY_HOSTNAME, restarts derper if they are new, and goes back to
the old ones if it does not serve then. --dry-run only checks. --for NAME brings it before a change of
the configuration to certificate.mode files or to that name, which will find it."
}

# Arguments: which, file, what its first line says.
copy() {
    (umask 077 && cat "$2" >"$tmp/$1") 2>"$tmp/why" ||
        fail "$2 must be readable: $(sed 's/^[^:]*: *//' "$tmp/why")"
    grep -q "^-----BEGIN $3-----" "$tmp/$1" || fail "$2 must be a $1 in PEM: it is not"
}

# Prints one of what openssl says of the certificate. Arguments: its name.
fact() {
    echo "$facts" | sed -n "s/^$1= *//p"
}

check_key() {
    # PKCS#8 says so in its header, PKCS#1 in a line below it.
    ! grep -q ENCRYPTED "$tmp/key" ||
        fail "$key must have no passphrase: it has one. Fix: openssl pkey -in $key -out NEW_KEY"
    public=$(openssl pkey -in "$tmp/key" -pubout 2>/dev/null </dev/null) ||
        fail "$key must be a private key that openssl can read: it cannot"
    [ "$public" = "$(echo "$facts" | sed -n '/^-----BEGIN/,/^-----END/p')" ] || fail "$key must be the key of $cert: it is another key"
    good "the key belongs to the certificate"
}

# derper and clients look at these names only, never at the common name.
check_name() {
    names=$(echo "$facts" | sed -n '/Subject Alternative Name/{n;s/^ *//;p;}')
    case $name in
        *[a-z]*) wanted="DNS:$name DNS:*.${name#*.}" ;;
        *) wanted="IPAddress:$name" ;;
    esac
    list=",$(echo "$names" | sed 's/IP Address/IPAddress/g; s/ //g' | tr '[:upper:]' '[:lower:]'),"
    set -f
    for each in $(echo "$wanted" | tr '[:upper:]' '[:lower:]'); do
        case $list in
            *",$each,"*)
                good "the certificate is for $name"
                set +f
                return
                ;;
        esac
    done
    fail "$cert must be for $name: it is for ${names:-no name}"
}

check_dates() {
    from=$(date -d "$(fact notBefore)" +%s)
    until=$(date -d "$(fact notAfter)" +%s)
    now=$(date +%s)
    clock="by this machine's clock it is $(date -u '+%F %T') UTC. If that is wrong, set it: timedatectl"
    [ "$now" -lt "$until" ] ||
        fail "$cert must be valid: it expired on $(date -u -d "@$until" '+%F %T') UTC, and $clock"
    [ "$now" -ge "$from" ] ||
        fail "$cert must be valid: it is not before $(date -u -d "@$from" '+%F %T') UTC, and $clock"
    good "it is valid for $(((until - now) / 86400)) days"
}

# Each certificate has to be issued by the one behind it.
check_chain() {
    count=$(grep -c '^-----BEGIN CERTIFICATE-----' "$tmp/certificate")
    if [ "$(fact subject)" = "$(fact issuer)" ]; then
        fail "$cert must be issued by an authority: it is self-signed$([ "$count" = 1 ] || echo ", and has $count certificates where clients accept exactly one"). Clients accept such a one only when the derpMap pins it. Fix: put it into the configuration, as certificate.mode provided"
    fi
    step=1
    while [ "$step" -lt "$count" ]; do
        next=$((step + 1))
        why=$(openssl verify -partial_chain -CAfile "$tmp/$next" "$tmp/$step" 2>&1) ||
            fail "$cert must have its chain in order: number $next did not issue number $step ($(echo "$why" | grep -o 'error [0-9].*' | head -n 1))"
        step=$next
    done
    good "the chain is in order, $count certificates"
    openssl verify -untrusted "$tmp/certificate" "$tmp/1" >/dev/null 2>&1 ||
        log "warn  this machine does not trust who issued it: is the chain complete (fullchain.pem), and do the clients?"
}

check_all() {
    copy certificate "$cert" CERTIFICATE
    copy key "$key" '.*PRIVATE KEY'
    awk -v dir="$tmp" '/^-----BEGIN CERTIFICATE-----/ { n++ } n { print >(dir "/" n) }' "$tmp/certificate"
    facts=$(openssl x509 -in "$tmp/1" -noout -subject -issuer -dates -pubkey -text 2>/dev/null) ||
        fail "$cert must be a certificate in PEM: openssl cannot read it"
    check_key
    check_name
    check_dates
    check_chain
}

# Whether the old one still serves: where there is no network, derper cannot be asked.
serves() {
    openssl x509 -in "$certs.crt" -noout -checkend 0 >/dev/null 2>&1 && systemctl is-active -q derper.service
}

# What a certificate cannot break does not count, such as a tailnet that is away: going back would leave derper with the
# old one until it has expired.
is_healthy() {
    reason=
    check_derper && { [ -z "$reason" ] || echo "$reason" | grep -q '^good  derper serves the certificate'; }
}

# For a change of the configuration, see files.sh.
keep_for_later() {
    (umask 077 && mkdir -p "$STATE/certs")
    stage "$tmp/certificate" "$certs.crt" 600
    stage "$tmp/key" "$certs.key" 600
    # One only: whose name never comes does not stay.
    find "$STATE/certs" -type f ! -name '*.new' -delete
    mv "$certs.crt.new" "$certs.crt"
    mv "$certs.key.new" "$certs.key"
}

# The two files appear together or not at all: neither is renamed before both are written.
write_files() {
    if cmp -s "$tmp/certificate" "$certs.crt" && cmp -s "$tmp/key" "$certs.key"; then
        log "      both are in place already"
        return
    fi
    if ! why=$({ stage "$tmp/certificate" "$certs.crt" 640 derper && stage "$tmp/key" "$certs.key" 640 derper; } 2>&1); then
        rm -f "$certs.crt.new" "$certs.key.new" 2>/dev/null || :
        fail "the new certificate could not be written, the old one stays in place and is served: $why"
    fi
    save_previous
    changing=1
    mv "$certs.crt.new" "$certs.crt"
    mv "$certs.key.new" "$certs.key"
    log "      wrote $certs.crt and .key"
}

# By the unit, which also sees whether derper serves the new one: this may run where there is no network.
check_health() {
    since=$(date +%s)
    systemctl start derp-relay-health.service 2>/dev/null && return 0
    reason=$(journalctl -qu derp-relay-health.service --since="@$since" -o cat)
    return 1
}

name=$RELAY_HOSTNAME
while :; do
    case ${1-} in
        --help | -h)
            usage
            exit
            ;;
        --dry-run) dry=1 ;;
        --for)
            name=$(echo "${2-}" | tr '[:upper:]' '[:lower:]') asked=1
            [ $# = 1 ] || shift
            ;;
        *) break ;;
    esac
    shift
done
case $name in '' | *[!a-z0-9.-]*) set -- ;; esac
if [ $# != 2 ]; then
    usage >&2
    exit 2
fi
cert=$1 key=$2
if [ "$name" != "$RELAY_HOSTNAME" ] || [ -z "${RELAY_FILES-}" ]; then later=1; fi
certs=$ETC/certs/$name
[ -z "$later" ] || certs=$STATE/certs/$name
[ -n "$ROOT" ] || [ "$(id -u)" = 0 ] || fail "this command must run as root: got user $(id -un)"
command -v openssl >/dev/null || fail "openssl must be installed: it is not. Fix: apt-get install openssl, or dnf install openssl"
# What Pulumi pins or replaces must not change behind its back.
[ -n "${RELAY_FILES-}" ] || [ -n "$asked" ] ||
    fail "certificate.mode must be files or certbot in the relay's configuration: it is not. Fix: to change to files, give --for and the hostname"
trap end EXIT
trap 'exit 130' HUP INT TERM
# In memory: the disk may be full, and a key leaves nothing there.
mkdir -p "$ROOT/run/derp-relay"
tmp=$(mktemp -d "$ROOT/run/derp-relay/cert.XXXXXX")
check_all
if [ -n "$dry" ]; then
    log "would install them as $certs.crt and .key"
    exit
fi
exec 9>"$STATE/install.lock"
flock -w 3600 9 || fail "an installation has been running for an hour: see $STATE/install.log"
if [ -n "$later" ]; then
    keep_for_later
    log "done: kept for the change of the configuration to certificate.mode files and hostname $name"
    exit
fi
write_files
start_relay
changing=''
forget_previous
log "done: derper serves it as $RELAY_HOSTNAME"
