import { CloudError, requireArguments } from "../cloud/errors";
import { refuseInUse } from "../cloud/in-use";
import type { Kind } from "../cloud/kind";
import {
    atMostOneOf,
    between,
    cidr4,
    isWithin,
    oneOf,
    overlaps,
    toNetwork,
    when,
} from "../cloud/rules";
import { text } from "../cloud/values";
import { ZONES } from "./catalog";
import { networkIpv6, switchIpv6 } from "./ipv6";

const PRIVATE = ["10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16"];
const DEFAULT_CIDR = "172.16.0.0/12";
const ID_LENGTH = 21;
/** Longest and shortest prefix of a switch. */
const SWITCH_PREFIXES = [16, 29] as const;

export const network: Kind = {
    replaces: ["ipv6CidrBlock", "isDefault", "userCidrs"],
    computed: [
        ...["cidrBlock", "createTime", "dnsHostnameStatus", "enableIpv6", "ipv6CidrBlock"],
        ...["ipv6CidrBlocks", "ipv6Isp", "isDefault", "name", "regionId", "resourceGroupId"],
        ...["routeTableId", "routerId", "routerTableId", "secondaryCidrBlocks", "status"],
        ...["systemRouteTableRoutePropagationEnable", "userCidrs", "vpcName"],
    ],
    rules: [
        atMostOneOf("vpcName", "name"),
        cidr4("cidrBlock"),
        when(["cidrBlock"], ({ cidrBlock }) =>
            PRIVATE.some((range) => isWithin(cidrBlock, range))
                ? undefined
                : `cidr_block must be in one of ${PRIVATE.join(", ")}`,
        ),
    ],
    create(inputs, view) {
        const routeTableId = view.newId("vtb-", ID_LENGTH);
        const facts = {
            ...{ cidrBlock: DEFAULT_CIDR, isDefault: false, userCidrs: [] },
            ...{ regionId: view.region, routeTableId, routerTableId: routeTableId },
            ...{ routerId: view.newId("vrt-", ID_LENGTH), status: "Available" },
            ...{ secondaryCidrBlocks: [], ipv6CidrBlocks: [], ...networkIpv6(inputs, {}, view) },
        };
        return { id: view.newId("vpc-", ID_LENGTH), facts };
    },
    update: ({ facts }, inputs, view) => networkIpv6(inputs, facts, view),
    remove({ id }, view) {
        const argument = "vpcId";
        refuseInUse(view, { type: "Switch", argument, code: "DependencyViolation.VSwitch" }, id);
        for (const type of ["SecurityGroup", "Ipv6Gateway"]) {
            refuseInUse(view, { type, argument, code: `DependencyViolation.${type}` }, id);
        }
    },
    describe: ({ inputs }) => named(inputs, "vpcName"),
};

/** Two arguments for the same thing: the provider fills in both. */
function named(
    inputs: Readonly<Record<string, unknown>>,
    argument: string,
): Record<string, unknown> {
    const name = inputs[argument] ?? inputs.name ?? "";
    return { [argument]: name, name };
}

export const vswitch: Kind = {
    replaces: ["availabilityZone", "cidrBlock", "isDefault", "vpcId", "zoneId"],
    computed: [
        ...["availabilityZone", "cidrBlock", "createTime", "enableIpv6", "ipv6CidrBlock"],
        ...["ipv6CidrBlockMask", "isDefault", "name", "status", "vpcId", "vswitchName", "zoneId"],
    ],
    rules: [
        atMostOneOf("vswitchName", "name"),
        atMostOneOf("zoneId", "availabilityZone"),
        cidr4("cidrBlock"),
        // What a network with a /56 has.
        between("ipv6CidrBlockMask", 0, 255),
    ],
    create(inputs, view) {
        // Terraform takes all of them for optional; the cloud does not.
        requireArguments(inputs, "vpcId", "cidrBlock");
        const zoneId = text(inputs, "zoneId") || text(inputs, "availabilityZone");
        const vpc = view.get("Network", inputs.vpcId, "InvalidVpcId.NotFound");
        if (ZONES[view.region]?.[zoneId] === undefined) {
            throw new CloudError("InvalidZoneId.NotFound", `The zone does not exist: ${zoneId}.`);
        }
        refuseBadCidr(inputs.cidrBlock, vpc.inputs.cidrBlock ?? DEFAULT_CIDR);
        const others = view.all("Switch").filter((other) => other.inputs.vpcId === vpc.id);
        if (others.some((other) => overlaps(other.inputs.cidrBlock, inputs.cidrBlock))) {
            throw new CloudError("InvalidCidrBlock.Overlapped", "Specified CIDR block overlapped.");
        }
        const facts = { zoneId, availabilityZone: zoneId, isDefault: false, status: "Available" };
        const made = { id: view.newId("vsw-", ID_LENGTH), facts };
        return { ...made, facts: { ...facts, ...switchIpv6(inputs, made, view) } };
    },
    update: (object, inputs, view) => switchIpv6(inputs, object, view),
    remove({ id }, view) {
        const code = "DependencyViolation";
        refuseInUse(view, { type: "Instance", argument: "vswitchId", code }, id);
    },
    describe: ({ inputs }) => named(inputs, "vswitchName"),
};

function refuseBadCidr(cidr: unknown, outer: unknown): void {
    const [shortest, longest] = SWITCH_PREFIXES;
    const length = toNetwork(cidr)?.length ?? 0;
    if (length < shortest || length > longest || !isWithin(cidr, outer)) {
        const message = `Specified CIDR block is not valid in ${JSON.stringify(outer)}.`;
        throw new CloudError("InvalidCidrBlock.Malformed", message);
    }
}

export const securityGroup: Kind = {
    replaces: ["securityGroupType", "vpcId"],
    computed: [
        ...["createTime", "innerAccess", "innerAccessPolicy", "name", "resourceGroupId"],
        ...["securityGroupName", "securityGroupType", "vpcId"],
    ],
    rules: [
        atMostOneOf("securityGroupName", "name"),
        oneOf("securityGroupType", "normal", "enterprise"),
        oneOf("innerAccessPolicy", "Accept", "Drop"),
    ],
    create(inputs, view) {
        if (inputs.vpcId !== undefined) {
            view.get("Network", inputs.vpcId, "InvalidVpcId.NotFound");
        }
        const facts = { securityGroupType: "normal", innerAccessPolicy: "Accept" };
        return { id: view.newId("sg-", ID_LENGTH - 1), facts: { ...facts, innerAccess: true } };
    },
    remove({ id }, view) {
        const code = "DependencyViolation";
        refuseInUse(view, { type: "Instance", argument: "securityGroups", code }, id);
        // Rules have no life of their own: they go with their group.
        for (const rule of view.all("SecurityGroupRule")) {
            if (rule.inputs.securityGroupId === id) view.remove(rule);
        }
    },
    describe: ({ inputs }) => named(inputs, "securityGroupName"),
};
