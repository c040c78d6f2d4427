#!/usr/bin/env bash
# Checks the files that run on the machines, each with the tool of its kind. Nothing is loaded or started.
set -euo pipefail
cd "$(dirname "$0")/../../components/cloud-init/files"
export LC_ALL=C

# Each part is checked within the script that sources it, as it runs.
(cd ../../.. && shellcheck --severity=style --external-sources --check-sourced \
    components/cloud-init/files/{install,health,files,cert-install,certbot,no-updates}.sh \
    components/cloud-init/{remote,first-boot}/*.sh)
shfmt -d -i 4 -ci ./*.sh ../{remote,first-boot}/*.sh
for file in ./*.sh ../{remote,first-boot}/*.sh; do dash -n "$file"; done

root=$(mktemp -d)
trap 'rm -rf "$root"' EXIT
mkdir -p "$root/etc/systemd/system" "$root/opt/derp-relay/bin" "$root/usr/sbin" "$root/bin"
cp ./*.service ./*.timer ../{first-boot,remote}/*.service "$root/etc/systemd/system"
for program in opt/derp-relay/bin/{derper,tailscaled,admission} opt/derp-relay/{health,certbot,cert-install}.sh \
    usr/sbin/{nft,sshd} bin/{sh,systemctl}; do
    install -m 755 /dev/null "$root/$program"
done
# Units of the system itself are not in this root; what is said of ours must be nothing.
said=$(systemd-analyze verify --root="$root" --man=no --recursive-errors=no \
    "$root"/etc/systemd/system/*.{service,timer} 2>&1 || echo "exit code $?")
if [ -n "$said" ]; then
    echo "$said"
    exit 1
fi
# 14 is an exposure of 1.4. The sshd of the first boot is not among them: it is there to let root in.
for unit in ./*.service ../remote/*.service; do
    systemd-analyze security --offline=true --threshold=14 --no-pager "$unit" >"$root/exposure" ||
        { cat "$root/exposure" && exit 1; }
done

unformatted=$(gofmt -l ./*.go)
if [ -n "$unformatted" ]; then
    gofmt -d ./*.go
    exit 1
fi
for file in ./*.go; do GOFLAGS=-mod=mod GOTOOLCHAIN=local go vet "$file"; done

{
    echo 'define relay_ports = { 443, 80 }'
    cat ./*.nft
} | unshare --map-root-user --net nft -c -f -
