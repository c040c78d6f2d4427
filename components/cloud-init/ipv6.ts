import { readFileSync } from "node:fs";
import { join } from "node:path";

import { withoutComments } from "./comments";

/** An IPv6 address that a cloud has for a machine, and that its image does not ask for. */
export interface Ipv6Configuration {
    /** The address, without a prefix length. */
    readonly address: string;
    /** Where packets to others go: an address on the machine's link. */
    readonly gateway: string;
}

const FOLDER = "/etc/derp-ipv6";
const UNIT = "derp-ipv6.service";
const read = (name: string) =>
    withoutComments(readFileSync(join(__dirname, "remote", name), "utf8"));
const CONFIGURE_TEXT = read("ipv6-configure.sh");
const UNIT_TEXT = read(UNIT);

/**
 * Shell script that gives a machine an IPv6 address, from now on. Run again, it changes nothing.
 *
 * @param configuration The address, and the way out.
 * @returns The script, for root. It reads nothing from standard input, and fails with a reason when it has not worked.
 */
export function configureIpv6({ address, gateway }: Ipv6Configuration): string {
    return [
        `install -d -m 755 ${FOLDER} &&`,
        `printf '%s\\n' 'ADDRESS=${address}' 'GATEWAY=${gateway}' >${FOLDER}/address.env &&`,
        `cat >${FOLDER}/configure.sh <<\\E &&\n${CONFIGURE_TEXT}E`,
        `cat >/etc/systemd/system/${UNIT} <<\\E &&\n${UNIT_TEXT}E`,
        // Whatever root's files are like on this image: a user of the moment reads them.
        `chmod 644 ${FOLDER}/* && systemctl daemon-reload && systemctl enable -q ${UNIT} && systemctl restart ${UNIT} ||`,
        `    { journalctl -q -o cat -n 10 -u ${UNIT} >&2; exit 1; }`,
        "",
    ].join("\n");
}
