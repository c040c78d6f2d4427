/** What the stand-in clouds have this host do; they load it by DERP_RELAY_STAND_IN_MACHINES. */
import { isIPv6 } from "node:net";

import type { CloudHooks, FirewallRule } from "../../plugins/cloud/hooks";
import { CloudHost, FOLDER_VARIABLE } from "./cloud-host";
import type { IngressRule } from "./firewall";

const host = new CloudHost(process.env[FOLDER_VARIABLE] ?? "");

export const instanceCreated: CloudHooks["instanceCreated"] = ({ id, userData, cloud }) =>
    host.boot(id, userData, cloud);

export const instanceDeleted: CloudHooks["instanceDeleted"] = ({ id }) => host.remove(id);

export const addressBound: CloudHooks["addressBound"] = ({ instanceId, address }) =>
    isIPv6(address) ? host.reach(instanceId, address, true) : host.bind(instanceId, address, true);

export const addressUnbound: CloudHooks["addressUnbound"] = ({ instanceId, address }) =>
    isIPv6(address)
        ? host.reach(instanceId, address, false)
        : host.bind(instanceId, address, false);

export const commandInvoked: CloudHooks["commandInvoked"] = ({ instanceId, content }) =>
    host.command(instanceId, content);

export const firewallChanged: CloudHooks["firewallChanged"] = ({ instanceId, rules, version }) =>
    host.setRules(instanceId, rules.flatMap(ingress), version);

export const recordChanged: CloudHooks["recordChanged"] = ({ name, type, value }) =>
    host.setRecord(name, value, type);

function ingress({ direction, action, protocol, fromPort, cidr }: FirewallRule): IngressRule[] {
    // What no rule lets in is dropped anyway.
    if (direction === "egress" || action === "drop") return [];
    if (protocol === "tcp" || protocol === "udp") return [{ protocol, port: fromPort, cidr }];
    if (protocol === "icmp" || protocol === "icmpv6") return [{ protocol: "icmp", cidr }];
    throw new Error(`this host cannot play a rule for ${protocol}`);
}
