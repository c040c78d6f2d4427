import { CloudError, refuseIf } from "../cloud/errors";
import { refuseInUse } from "../cloud/in-use";
import type { Kind } from "../cloud/kind";
import { between, oneOf } from "../cloud/rules";
import type { CloudObject, Properties } from "../cloud/types";
import { number, text, texts } from "../cloud/values";
import type { CloudView } from "../cloud/view";

const IN_USE = "ResourceInUse";
/** The first /64 of a network's /56: any but zero, which is written in another way. */
const FIRST_SUBNET = 0x1200;
const MOST_SUBNETS = 256;
/** The cloud keeps the first addresses of a subnet for itself. */
const FIRST_ADDRESS = 0x10;
/** Arguments that the provider refuses to change. */
const FIXED = ["internetChargeType", "bandwidthPackageId"];

export const vpcIpv6CidrBlock: Kind = {
    replaces: ["addressType", "vpcId"],
    computed: ["addressType", "ipv6CidrBlock", "ipv6CidrBlockSets", "vpcIpv6CidrBlockId"],
    rules: [oneOf("addressType", "GUA", "ULA")],
    create(inputs, view) {
        const { id } = view.get("Vpc", inputs.vpcId, "ResourceNotFound");
        if (view.find("VpcIpv6CidrBlock", id) !== undefined) {
            const message = "A VPC can apply for only one IPv6 range.";
            throw new CloudError("LimitExceeded", message);
        }
        const part = view.newNumber().toString(16);
        const ipv6CidrBlock = `2001:db8:${part}:${FIRST_SUBNET.toString(16)}::/56`;
        const one = { addressType: "GUA", ipv6CidrBlock, ispType: "BGP" };
        const facts = { vpcIpv6CidrBlockId: id, ipv6CidrBlock, ipv6CidrBlockSets: [one] };
        return { id, facts: { ...facts, addressType: "GUA" } };
    },
    remove({ id }, view) {
        const user = { type: "VpcIpv6SubnetCidrBlock", argument: "vpcId", code: IN_USE };
        refuseInUse(view, user, id);
    },
};

/** How the cloud writes addresses is not known: here in another way than the program, so that this is no change. */
function inFull(range: string): string {
    const [address = "", ...length] = range.split("/");
    const [first = "", last = ""] = address.split("::");
    const groups = [first, last].map((half) => half.split(":").filter((group) => group !== ""));
    const zeros = Array.from({ length: 8 - groups.flat().length }, () => "0");
    return [[groups[0], zeros, groups[1]].flat().join(":"), ...length].join("/");
}

/** A subnet and its range, as the program gives them. */
function part(inputs: Properties): Properties {
    return inputs.ipv6SubnetCidrBlocks as Properties;
}

/** Whether a range is one of the /64 of a VPC's /56, as the cloud writes it. */
function isPartOf(range: string, whole: string): boolean {
    const [prefix = ""] = whole.split(`:${FIRST_SUBNET.toString(16)}::/56`);
    return Array.from({ length: MOST_SUBNETS }, (_, index) =>
        (FIRST_SUBNET + index).toString(16),
    ).some((each) => range === `${prefix}:${each}::/64`);
}

export const vpcIpv6SubnetCidrBlock: Kind = {
    replaces: ["ipv6SubnetCidrBlocks", "vpcId"],
    computed: ["vpcIpv6SubnetCidrBlockId"],
    rules: [],
    create(inputs, view) {
        const { subnetId, ipv6CidrBlock } = part(inputs);
        const subnet = view.get("Subnet", subnetId, "ResourceNotFound");
        const whole = view.get("VpcIpv6CidrBlock", inputs.vpcId, "UnsupportedOperation");
        const others = view
            .all("VpcIpv6SubnetCidrBlock")
            .filter((other) => other.inputs.vpcId === inputs.vpcId);
        refuseIf(
            [
                ...([subnet.inputs.vpcId !== inputs.vpcId, "InvalidParameterValue"] as const),
                "The subnet is not in the VPC.",
            ],
            [
                !isPartOf(String(ipv6CidrBlock), text(whole.facts, "ipv6CidrBlock")),
                "InvalidParameterValue.SubnetRange",
                "The range is not a /64 of the VPC's.",
            ],
            [
                others.some((other) => part(other.inputs).ipv6CidrBlock === ipv6CidrBlock),
                "InvalidParameterValue.SubnetConflict",
                "The range is another subnet's.",
            ],
            [
                others.some((other) => part(other.inputs).subnetId === subnet.id),
                "LimitExceeded",
                "Each subnet can only be assigned one IPv6 IP range.",
            ],
        );
        const id = `${String(inputs.vpcId)}#${subnet.id}`;
        return { id, facts: { vpcIpv6SubnetCidrBlockId: id } };
    },
    describe({ inputs }) {
        const { subnetId, ipv6CidrBlock } = part(inputs);
        return {
            ipv6SubnetCidrBlocks: { subnetId, ipv6CidrBlock: inFull(String(ipv6CidrBlock)) },
        };
    },
    remove({ inputs }, view) {
        const { subnetId } = part(inputs);
        const users = view
            .all("Instance")
            .filter((each) => each.inputs.subnetId === subnetId && addressesOf(each).length > 0);
        if (users.length > 0) {
            const ids = users.map(({ id }) => id).join(", ");
            throw new CloudError(IN_USE, `The range is still in use by ${ids}.`);
        }
    },
};

function addressesOf({ facts }: CloudObject): string[] {
    return texts(facts, "ipv6Addresses");
}

/**
 * Addresses of a new instance.
 *
 * @throws {CloudError} When its subnet has no IPv6.
 */
export function instanceIpv6(
    inputs: Properties,
    subnet: CloudObject | undefined,
    view: CloudView,
): Properties {
    const count = number(inputs, "ipv6AddressCount");
    if (count === 0) {
        return { ipv6Addresses: [], publicIpv6Addresses: [] };
    }
    const block = view
        .all("VpcIpv6SubnetCidrBlock")
        .find((each) => part(each.inputs).subnetId === subnet?.id);
    if (block === undefined) {
        const message = "The subnet has no IPv6 range.";
        throw new CloudError("InvalidParameterValue.SubnetIpv6", message);
    }
    const prefix = text(part(block.inputs), "ipv6CidrBlock").replace("/64", "");
    const ipv6Addresses = Array.from(
        { length: count },
        () => prefix + (FIRST_ADDRESS + view.newNumber()).toString(16),
    );
    // Kept when the program no longer says it: the provider changes nothing then.
    return { ipv6AddressCount: count, ipv6Addresses };
}

/** Those of an instance that the internet reaches. */
export function openAddresses(instance: CloudObject, view: CloudView): string[] {
    const open = view.all("Ipv6AddressBandwidth").map(({ inputs }) => text(inputs, "ipv6Address"));
    return addressesOf(instance).filter((address) => open.includes(address));
}

export const ipv6AddressBandwidth: Kind = {
    replaces: ["ipv6Address"],
    computed: ["ipv6AddressBandwidthId"],
    defaults: { internetMaxBandwidthOut: 1 },
    rules: [
        between("internetMaxBandwidthOut", 1, 100),
        oneOf("internetChargeType", "TRAFFIC_POSTPAID_BY_HOUR", "BANDWIDTH_PACKAGE"),
    ],
    create({ ipv6Address }, view) {
        const owners = view
            .all("Instance")
            .filter((each) => addressesOf(each).some((address) => address === ipv6Address));
        const others = view.all("Ipv6AddressBandwidth");
        refuseIf(
            [
                ...([owners.length === 0, "InvalidParameterValue.AddressNotFound"] as const),
                `There is no such address: ${String(ipv6Address)}.`,
            ],
            [
                others.some((other) => other.inputs.ipv6Address === ipv6Address),
                "InvalidAddressState",
                "The address has public bandwidth already.",
            ],
        );
        const id = view.newId("eip-", 8);
        return { id, facts: { ipv6AddressBandwidthId: id } };
    },
    describe: ({ inputs }) => ({ ipv6Address: inFull(text(inputs, "ipv6Address")) }),
    update(object, inputs) {
        const changed = FIXED.find((name) => inputs[name] !== object.inputs[name]);
        if (changed !== undefined) {
            throw new Error(`argument \`${changed}\` cannot be changed`);
        }
        return {};
    },
};
