import type { FirewallRule } from "../cloud/hooks";
import { type CloudObject, isOfType, type Properties } from "../cloud/types";
import { decodeUserData } from "../cloud/user-data";
import { number, text, texts } from "../cloud/values";
import type { World, WorldInstance, WorldInvocation } from "../cloud/world";

const ALL_PORTS = { fromPort: 0, toPort: 65535 };
/** What a security group allows by itself, unless a rule says otherwise. */
const OUTGOING = ["0.0.0.0/0", "::/0"].map((cidr): FirewallRule => {
    return { direction: "egress", protocol: "all", ...ALL_PORTS, cidr, action: "accept" };
});

/** What Alibaba Cloud's objects amount to. */
export function world(objects: readonly CloudObject[]): World {
    const of = (type: string): CloudObject[] =>
        objects.filter((object) => isOfType(object.type, type));
    const instances = of("Instance");
    const addresses = of("EipAssociation").map(({ inputs }): [string, string] => {
        const eip = objects.find(({ id }) => id === inputs.allocationId);
        return [text(inputs, "instanceId"), text(eip?.facts ?? {}, "ipAddress")];
    });
    const own = instances
        .filter(({ facts }) => text(facts, "publicIp") !== "")
        .map(({ id, facts }): [string, string] => [id, text(facts, "publicIp")]);
    const records = of("AlidnsRecord").map(({ inputs }) => toRecord(inputs));
    return {
        instances: new Map(instances.map((each) => [each.id, toInstance(each, of("EcsKeyPair"))])),
        addresses: new Map([...own, ...addresses]),
        ipv6Addresses: new Map(
            instances.flatMap((each) => ipv6Of(each, of("Ipv6InternetBandwidth"))),
        ),
        firewalls: new Map(
            instances.map(({ id, inputs }) => [id, firewall(inputs, of("SecurityGroupRule"))]),
        ),
        invocations: new Map(of("EcsInvocation").flatMap(toInvocations)),
        records: new Map(records.map((record) => [`${record.name} ${record.type}`, record])),
    };
}

/** The address that the internet reaches it at. */
function ipv6Of({ id, facts }: CloudObject, open: readonly CloudObject[]): [string, string][] {
    const ids = texts(facts, "ipv6AddressIds");
    const found = texts(facts, "ipv6Addresses").filter((_, index) =>
        open.some(({ inputs }) => inputs.ipv6AddressId === ids[index]),
    );
    return found.map((address) => [id, address]);
}

function toInstance(
    { id, inputs, facts, account, region }: CloudObject,
    keys: readonly CloudObject[],
): WorldInstance {
    const key = keys.find(
        (each) => each.id === inputs.keyName && each.account === account && each.region === region,
    );
    const keyPublicKey = text(key?.inputs ?? {}, "publicKey");
    return {
        ...{ id, cloud: "alicloud", installation: number(facts, "installation") },
        userData: decodeUserData(inputs.userData).toString("utf8"),
        ...(keyPublicKey === "" ? {} : { keyPublicKey }),
    };
}

function toInvocations({ id, inputs, facts }: CloudObject): [string, WorldInvocation][] {
    const content = text(facts, "content");
    return texts(inputs, "instanceIds").map((instanceId) => [
        `${id} ${instanceId}`,
        { instanceId, content },
    ]);
}

function firewall(instance: Properties, rules: readonly CloudObject[]): FirewallRule[] {
    const groups = texts(instance, "securityGroups");
    const own = rules
        .map(({ inputs }) => inputs)
        .filter((inputs) => groups.includes(text(inputs, "securityGroupId")));
    // The smallest number comes first; among equals, what drops.
    const rank = (inputs: Properties): number =>
        number(inputs, "priority") * 2 + (inputs.policy === "drop" ? 0 : 1);
    return [...own.toSorted((one, other) => rank(one) - rank(other)).map(toRule), ...OUTGOING];
}

function toRule(inputs: Properties): FirewallRule {
    const [from = 0, to = 0] = text(inputs, "portRange").split("/").map(Number);
    const source = ["cidrIp", "ipv6CidrIp", "sourceSecurityGroupId", "prefixListId"];
    return {
        direction: inputs.type === "egress" ? "egress" : "ingress",
        protocol: inputs.ipProtocol as FirewallRule["protocol"],
        ...(from < 0 ? ALL_PORTS : { fromPort: from, toPort: to }),
        cidr: source.map((name) => text(inputs, name)).find((value) => value !== "") ?? "",
        action: inputs.policy === "drop" ? "drop" : "accept",
    };
}

function toRecord(inputs: Properties): { name: string; type: string; value: string } {
    const host = text(inputs, "rr");
    const domain = text(inputs, "domainName");
    const name = host === "@" ? domain : `${host}.${domain}`;
    return { name, type: text(inputs, "type"), value: text(inputs, "value") };
}
