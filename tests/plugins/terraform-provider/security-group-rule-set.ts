import type { Problem } from "../cloud/arguments";
import type { Kind } from "../cloud/kind";
import { cidr4, cidr6, matches, oneOf, type Rule, when } from "../cloud/rules";
import { refuseIf } from "../cloud/errors";
import type { Properties } from "../cloud/types";
import { objects, text } from "../cloud/values";

const SOURCES = [
    ...["cidrBlock", "ipv6CidrBlock", "sourceSecurityId"],
    ...["addressTemplateId", "addressTemplateGroup"],
];
const PORTS = /^(ALL|\d+(,\d+)*|\d+-\d+)$/;
const LAST_PORT = 65535;

const RULES: readonly Rule[] = [
    oneOf("action", "ACCEPT", "DROP"),
    // As they are read: what is written in another way is shown as a change from then on.
    oneOf("protocol", "TCP", "UDP", "ICMP", "ICMPV6", "ALL"),
    matches("port", PORTS, "port must be ALL, one port, some ports or a range of ports"),
    cidr4("cidrBlock"),
    cidr6("ipv6CidrBlock"),
    when(["port"], ({ port }) =>
        (String(port).match(/\d+/g) ?? []).every((each) => Number(each) <= LAST_PORT)
            ? undefined
            : `port must not be above ${String(LAST_PORT)}: ${String(port)}`,
    ),
];

/** What is wrong with the rules of a direction. */
function each(direction: string): Rule {
    return (inputs) =>
        objects(inputs, direction).flatMap((rule, index) =>
            RULES.flatMap((check) => check(rule)).map(({ path, reason }): Problem => {
                return { path: `${direction}[${String(index)}].${path}`, reason };
            }),
        );
}

/** What only the cloud finds: the provider has no rule about it. */
function refuse(rule: Properties): void {
    const sources = SOURCES.filter((name) => rule[name] !== undefined);
    const [port, protocol] = [text(rule, "port") || "ALL", text(rule, "protocol") || "ALL"];
    const hasPorts = protocol === "TCP" || protocol === "UDP";
    refuseIf(
        [
            ...([sources.length !== 1, "InvalidParameter.Coexist"] as const),
            `Exactly one of ${SOURCES.join(", ")} must be given, got ${sources.join(", ") || "none"}.`,
        ],
        [
            ...([port !== "ALL" && !hasPorts, "InvalidParameterValue"] as const),
            `The protocol ${protocol} takes no port, got ${port}.`,
        ],
        [
            ...([port === "ALL" && hasPorts, "InvalidParameterValue"] as const),
            `The port ALL is only for the protocol ALL, got ${protocol}.`,
        ],
    );
}

function refuseBadRules(inputs: Properties): void {
    [...objects(inputs, "ingresses"), ...objects(inputs, "egresses")].forEach(refuse);
}

export const securityGroupRuleSet: Kind = {
    replaces: ["securityGroupId"],
    computed: ["securityGroupRuleSetId", "version"],
    rules: [each("ingresses"), each("egresses")],
    create(inputs, view) {
        const group = view.get(
            ...(["SecurityGroup", inputs.securityGroupId] as const),
            "ResourceNotFound",
        );
        refuseBadRules(inputs);
        return { id: group.id, facts: { securityGroupRuleSetId: group.id, version: "1" } };
    },
    update({ facts }, inputs) {
        refuseBadRules(inputs);
        return { version: String(Number(facts.version) + 1) };
    },
};
