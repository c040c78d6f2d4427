# shellcheck shell=sh
# User data puts it on a new machine where nobody can log in later. Runs there over SSH, as root, with the payload in
# base64 on standard input. The relay takes the port of this connection. When it does not serve, the next try finds SSH
# there again.
unit=derp-first-boot.service
systemctl stop "$unit"
# `apply` stands in front of this: it installs what it reads. Whoever is gone by then has to try again, too.
if base64 -d | (apply) && (echo "the port is the relay's now: nobody can log in any more") 2>/dev/null; then
    systemctl disable -q "$unit"
    rm -rf /etc/derp-first-boot "/etc/systemd/system/$unit" /etc/systemd/system/ssh.service.d/derp-first-boot.conf
    rmdir /etc/systemd/system/ssh.service.d 2>/dev/null
    systemctl daemon-reload || :
else
    # First what would start the relay again.
    for timer in /etc/systemd/system/derp-relay-*.timer; do
        systemctl disable -q --now "${timer##*/}" 2>/dev/null
    done
    systemctl stop 'derp-relay-cert*.service' derp-relay-health.service derp-relay-repair.service 2>/dev/null
    systemctl disable -q --now derper.service 2>/dev/null
    systemctl start "$unit"
    exit 1
fi
