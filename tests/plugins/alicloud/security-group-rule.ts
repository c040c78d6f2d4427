import { CloudError } from "../cloud/errors";
import type { Kind } from "../cloud/kind";
import {
    atLeastOneOf,
    atMostOneOf,
    between,
    cidr4,
    cidr6,
    matches,
    oneOf,
    when,
} from "../cloud/rules";
import type { Properties } from "../cloud/types";
import { number, text } from "../cloud/values";

const ALL_PORTS = "-1/-1";
const LAST_PORT = 65535;

/** What a rule is told by; the provider's ids have the same. */
const IDENTITY = [
    ...["securityGroupId", "type", "ipProtocol", "portRange", "nicType"],
    ...["cidrIp", "policy", "priority"],
];

export const securityGroupRule: Kind = {
    replaces: [
        ...["cidrIp", "ipProtocol", "ipv6CidrIp", "nicType", "policy", "portRange", "prefixListId"],
        ...["priority", "securityGroupId", "sourceGroupOwnerAccount", "sourceSecurityGroupId"],
        "type",
    ],
    computed: ["nicType", "prefixListId", "securityGroupRuleId"],
    defaults: { policy: "accept", portRange: ALL_PORTS, priority: 1 },
    rules: [
        oneOf("type", "ingress", "egress"),
        oneOf("ipProtocol", "tcp", "udp", "icmp", "icmpv6", "gre", "all"),
        oneOf("policy", "accept", "drop"),
        oneOf("nicType", "internet", "intranet"),
        between("priority", 1, 100),
        matches("portRange", /^-?\d+\/-?\d+$/, "port_range must be <first>/<last>"),
        atLeastOneOf("cidrIp", "ipv6CidrIp", "sourceSecurityGroupId", "prefixListId"),
        atMostOneOf("ipv6CidrIp", "cidrIp"),
        atMostOneOf("sourceSecurityGroupId", "cidrIp"),
        cidr4("cidrIp"),
        cidr6("ipv6CidrIp"),
        when(["ipProtocol", "portRange"], portProblem),
    ],
    create(inputs, view) {
        const group = view.get(
            ...(["SecurityGroup", inputs.securityGroupId] as const),
            "InvalidSecurityGroupId.NotFound",
        );
        if (inputs.nicType === "internet" && group.inputs.vpcId !== undefined) {
            throw new CloudError(
                "InvalidNicType.Mismatch",
                "When security group in the vpc or authorizing permission for source/destination security group, the nic_type must be 'intranet'.",
            );
        }
        const facts = { nicType: "intranet", prefixListId: "" };
        const all: Properties = { ...facts, ...inputs, cidrIp: inputs.cidrIp ?? inputs.ipv6CidrIp };
        const id = IDENTITY.map((name) =>
            name === "priority" ? String(number(all, name)) : text(all, name),
        ).join(":");
        // The cloud takes a rule that it has already, and still has one (documentation of AuthorizeSecurityGroup).
        const known = view.find("SecurityGroupRule", id);
        if (known !== undefined) {
            view.remove(known);
            return { id, facts: known.facts };
        }
        return { id, facts: { ...facts, securityGroupRuleId: view.newId("sgr-", 20) } };
    },
};

function portProblem(inputs: Properties): string | undefined {
    const { ipProtocol, portRange } = inputs;
    if (ipProtocol !== "tcp" && ipProtocol !== "udp") {
        return portRange === ALL_PORTS
            ? undefined
            : "'icmp', 'gre' and 'all' only support port range '-1/-1'. Please correct it and try again.";
    }
    return isPortRange(text(inputs, "portRange"))
        ? undefined
        : "'tcp' and 'udp' can support port range: [1, 65535]. Please correct it and try again.";
}

function isPortRange(range: string): boolean {
    const [first = 0, last = 0] = range.split("/").map(Number);
    return first >= 1 && first <= last && last <= LAST_PORT;
}
