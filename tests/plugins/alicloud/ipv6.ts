import { CloudError, refuseIf } from "../cloud/errors";
import { refuseInUse } from "../cloud/in-use";
import type { Kind } from "../cloud/kind";
import { between, matches, oneOf } from "../cloud/rules";
import type { CloudObject, Properties } from "../cloud/types";
import { number, text, texts } from "../cloud/values";
import type { CloudView } from "../cloud/view";

const ID_LENGTH = 20;
/** The first /64 of a network's /56: any but zero, which is written in another way. */
const FIRST_SUBNET = 0x1200;
/** The cloud keeps the first addresses of a switch for itself. */
const FIRST_ADDRESS = 0x10;

/**
 * What a network gets when it is given IPv6, or had already: the cloud never takes it away.
 *
 * @see https://www.alibabacloud.com/help/en/ipv6-gateway/latest/limits
 */
export function networkIpv6(inputs: Properties, old: Properties, view: CloudView): Properties {
    if (old.enableIpv6 === true || inputs.enableIpv6 !== true) {
        const { enableIpv6 = false, ipv6CidrBlock = "" } = old;
        return { enableIpv6, ipv6CidrBlock };
    }
    const number = view.newNumber().toString(16);
    const ipv6CidrBlock = `2001:db8:${number}:${FIRST_SUBNET.toString(16)}::/56`;
    return { enableIpv6: true, ipv6CidrBlock };
}

/**
 * The same of a switch, which wants a part of its network's.
 *
 * @throws {CloudError} When the network has none, or the part is missing or another one's.
 */
export function switchIpv6(
    inputs: Properties,
    { id, facts }: Pick<CloudObject, "id" | "facts">,
    view: CloudView,
): Properties {
    const { vpcId, ipv6CidrBlockMask } = inputs;
    if (inputs.enableIpv6 !== true) {
        const { enableIpv6 = false, ipv6CidrBlock = "" } = facts;
        return { enableIpv6, ipv6CidrBlock };
    }
    const vpc = view.get("Network", vpcId, "InvalidVpcId.NotFound");
    const neighbours = view
        .all("Switch")
        .filter((other) => other.id !== id && other.inputs.vpcId === vpcId);
    refuseIf(
        // The codes of the first and the last are not known.
        [
            ...([vpc.facts.enableIpv6 !== true, "OperationFailed.Ipv6NotEnabled"] as const),
            "IPv6 is not enabled for the VPC.",
        ],
        [
            ...([ipv6CidrBlockMask === undefined, "MissingParam.Ipv6CidrBlock"] as const),
            "The parameter Ipv6CidrBlock is mandatory.",
        ],
        [
            neighbours.some((other) => other.inputs.ipv6CidrBlockMask === ipv6CidrBlockMask),
            "InvalidIpv6CidrBlock.Overlapped",
            "Specified IPv6 CIDR block overlapped.",
        ],
    );
    const prefix = text(vpc.facts, "ipv6CidrBlock").split(":").slice(0, 3).join(":");
    const subnet = (FIRST_SUBNET + number(inputs, "ipv6CidrBlockMask")).toString(16);
    return { enableIpv6: true, ipv6CidrBlock: `${prefix}:${subnet}::/64` };
}

/**
 * Addresses of a new instance.
 *
 * @throws {CloudError} When its switch has no IPv6.
 */
export function instanceIpv6(
    inputs: Properties,
    vswitch: CloudObject,
    view: CloudView,
): Properties {
    const count = number(inputs, "ipv6AddressCount");
    if (count > 0 && vswitch.facts.enableIpv6 !== true) {
        // The code is not known.
        const message = "IPv6 is not enabled for the vSwitch.";
        throw new CloudError("InvalidOperation.Ipv6NotEnabled", message);
    }
    const prefix = text(vswitch.facts, "ipv6CidrBlock").replace("/64", "");
    const all = Array.from({ length: count }, () => ({
        address: prefix + (FIRST_ADDRESS + view.newNumber()).toString(16),
        id: view.newId("ipv6-", ID_LENGTH),
    }));
    return {
        // Kept when the program no longer says it: the provider changes nothing then.
        ...(count > 0 && { ipv6AddressCount: count }),
        ipv6Addresses: all.map(({ address }) => address),
        ipv6AddressIds: all.map(({ id }) => id),
    };
}

export const ipv6Gateway: Kind = {
    replaces: ["vpcId"],
    computed: [
        ...["businessStatus", "createTime", "expiredTime", "instanceChargeType"],
        ...["ipv6GatewayId", "resourceGroupId", "spec", "status"],
    ],
    rules: [
        matches(
            ...(["ipv6GatewayName", /^[a-zA-Z\u4E00-\u9FA5][\u4E00-\u9FA5\w-]{1,128}$/] as const),
            "ipv6_gateway_name must have 2 to 128 characters and begin with a letter",
        ),
    ],
    create(inputs, view) {
        const vpc = view.get("Network", inputs.vpcId, "InvalidVpcId.NotFound");
        const others = view.all("Ipv6Gateway").filter((other) => other.inputs.vpcId === vpc.id);
        refuseIf(
            // Their codes are not known.
            [
                ...([vpc.facts.enableIpv6 !== true, "OperationFailed.Ipv6NotEnabled"] as const),
                "IPv6 is not enabled for the VPC.",
            ],
            [
                ...([others.length > 0, "QuotaExceeded.Ipv6Gateway"] as const),
                "Only one IPv6 gateway can be deployed in each VPC.",
            ],
        );
        const id = view.newId("ipv6gw-", ID_LENGTH);
        const facts = { ipv6GatewayId: id, status: "Available", businessStatus: "Normal" };
        return { id, facts: { ...facts, instanceChargeType: "PayAsYouGo" } };
    },
    remove({ id }, view) {
        const code = "DependencyViolation.Ipv6InternetBandwidth";
        refuseInUse(view, { type: "Ipv6InternetBandwidth", argument: "ipv6GatewayId", code }, id);
    },
};

function ownerOf(ipv6AddressId: unknown, view: CloudView): CloudObject {
    const found = view
        .all("Instance")
        .find(({ facts }) => texts(facts, "ipv6AddressIds").some((id) => id === ipv6AddressId));
    if (found === undefined) {
        const message = `The specified IPv6 address does not exist: ${String(ipv6AddressId)}.`;
        throw new CloudError("ResourceNotFound.Ipv6Address", message);
    }
    return found;
}

export const ipv6InternetBandwidth: Kind = {
    replaces: ["internetChargeType", "ipv6GatewayId"],
    computed: ["internetChargeType", "status"],
    rules: [
        between("bandwidth", 1, 5000),
        oneOf("internetChargeType", "PayByTraffic", "PayByBandwidth"),
    ],
    create(inputs, view) {
        const { ipv6AddressId, ipv6GatewayId } = inputs;
        const gateway = view.get(
            ...(["Ipv6Gateway", ipv6GatewayId, "ResourceNotFound.Ipv6Gateway"] as const),
        );
        const { facts } = ownerOf(ipv6AddressId, view);
        const others = view.all("Ipv6InternetBandwidth");
        refuseIf(
            // Their codes are not known.
            [
                ...([facts.vpcId !== gateway.inputs.vpcId, "InvalidParameter.Mismatch"] as const),
                "The specified IPv6 address is not in the VPC of the gateway.",
            ],
            [
                others.some((other) => other.inputs.ipv6AddressId === ipv6AddressId),
                "OperationFailed.InternetBandwidthExist",
                "The specified IPv6 address has Internet bandwidth already.",
            ],
        );
        const id = view.newId("ipv6bw-", ID_LENGTH);
        return { id, facts: { internetChargeType: "PayByBandwidth", status: "Normal" } };
    },
    update(object, inputs) {
        // The API takes the address to find the bandwidth by, and moves it to no other.
        if (inputs.ipv6AddressId !== object.inputs.ipv6AddressId) {
            const message = "The specified Internet bandwidth is not that of the IPv6 address.";
            throw new CloudError("ResourceNotFound.InternetBandwidth", message);
        }
        return {};
    },
};
