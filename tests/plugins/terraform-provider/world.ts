import type { FirewallRule } from "../cloud/hooks";
import { type CloudObject, isOfType, type Properties } from "../cloud/types";
import { decodeUserData } from "../cloud/user-data";
import { number, objects as lists, text, texts } from "../cloud/values";
import type { World, WorldInstance } from "../cloud/world";

const LAST_PORT = 65535;

/** What Tencent Cloud's objects amount to. */
export function world(objects: readonly CloudObject[]): World {
    const of = (type: string): CloudObject[] =>
        objects.filter((object) => isOfType(object.type, type));
    const instances = of("Instance");
    const addresses = of("EipAssociation").map(({ inputs }): [string, string] => {
        const eip = objects.find(({ id }) => id === inputs.eipId);
        return [text(inputs, "instanceId"), text(eip?.facts ?? {}, "publicIp")];
    });
    const own = instances
        .filter(({ facts }) => text(facts, "publicIp") !== "")
        .map(({ id, facts }): [string, string] => [id, text(facts, "publicIp")]);
    const records = of("DnspodRecord").map(({ inputs }) => toRecord(inputs));
    return {
        instances: new Map(instances.map((each) => [each.id, toInstance(each, of("KeyPair"))])),
        addresses: new Map([...own, ...addresses]),
        ipv6Addresses: new Map(
            instances.flatMap((each) => ipv6Of(each, of("Ipv6AddressBandwidth"))),
        ),
        firewalls: new Map(
            instances.map(({ id, inputs }) => [id, firewall(inputs, of("SecurityGroupRuleSet"))]),
        ),
        invocations: new Map(),
        records: new Map(records.map((record) => [`${record.name} ${record.type}`, record])),
    };
}

function toInstance(
    { id, inputs, facts }: CloudObject,
    keys: readonly CloudObject[],
): WorldInstance {
    const [keyId = ""] = texts(inputs, "keyIds");
    const keyPublicKey = text(keys.find((each) => each.id === keyId)?.facts ?? {}, "publicKey");
    return {
        ...{ id, cloud: "tencentcloud", installation: number(facts, "installation") },
        userData: decodeUserData(facts.userData).toString("utf8"),
        ...(keyPublicKey === "" ? {} : { keyPublicKey }),
    };
}

/** The address that the internet reaches it at. */
function ipv6Of({ id, facts }: CloudObject, open: readonly CloudObject[]): [string, string][] {
    const found = texts(facts, "ipv6Addresses").filter((address) =>
        open.some(({ inputs }) => inputs.ipv6Address === address),
    );
    return found.map((address) => [id, address]);
}

/** There are no rules by default, also for what goes out: then nothing does. */
function firewall(instance: Properties, sets: readonly CloudObject[]): FirewallRule[] {
    const groups = ["orderlySecurityGroups", "securityGroups"].flatMap((name) =>
        texts(instance, name),
    );
    return groups.flatMap((group) => {
        const inputs = sets.find(({ id }) => id === group)?.inputs ?? {};
        return [
            ...lists(inputs, "ingresses").flatMap((rule) => toRules("ingress", rule)),
            ...lists(inputs, "egresses").flatMap((rule) => toRules("egress", rule)),
        ];
    });
}

function toRules(direction: FirewallRule["direction"], rule: Properties): FirewallRule[] {
    const source = ["cidrBlock", "ipv6CidrBlock", "sourceSecurityId", "addressTemplateId"];
    const cidr = source.map((name) => text(rule, name)).find((value) => value !== "") ?? "";
    const protocol = (text(rule, "protocol") || "all").toLowerCase() as FirewallRule["protocol"];
    const action = rule.action === "DROP" ? "drop" : "accept";
    return (text(rule, "port") || "ALL").split(",").map((ports) => {
        const [first = "0", last = first] =
            ports === "ALL" ? ["0", String(LAST_PORT)] : ports.split("-");
        return { direction, protocol, fromPort: Number(first), toPort: Number(last), cidr, action };
    });
}

function toRecord(inputs: Properties): { name: string; type: string; value: string } {
    const host = text(inputs, "subDomain");
    const domain = text(inputs, "domain");
    const name = host === "@" || host === "" ? domain : `${host}.${domain}`;
    return { name, type: text(inputs, "recordType"), value: text(inputs, "value") };
}
