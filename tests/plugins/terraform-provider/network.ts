import { CloudError } from "../cloud/errors";
import { refuseInUse } from "../cloud/in-use";
import type { Kind } from "../cloud/kind";
import { cidr4, isWithin, overlaps, when } from "../cloud/rules";
import { text } from "../cloud/values";
import { ZONES } from "./catalog";

const PRIVATE = ["10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16"];
const ID_LENGTH = 8;
const IN_USE = "ResourceInUse";

export const vpc: Kind = {
    replaces: ["cidrBlock"],
    computed: [
        ...["assistantCidrs", "createTime", "defaultRouteTableId", "dnsServers"],
        ...["dockerAssistantCidrs", "enableRouteVpcPublish", "enableRouteVpcPublishIpv6"],
        ...["isDefault", "vpcId"],
    ],
    defaults: { isMulticast: true },
    isNamed: true,
    rules: [
        cidr4("cidrBlock"),
        when(["cidrBlock"], ({ cidrBlock }) =>
            PRIVATE.some((range) => isWithin(cidrBlock, range))
                ? undefined
                : `cidr_block must be in one of ${PRIVATE.join(", ")}`,
        ),
    ],
    create(_inputs, view) {
        const id = view.newId("vpc-", ID_LENGTH);
        const facts = {
            ...{ vpcId: id, isDefault: false, assistantCidrs: [], dockerAssistantCidrs: [] },
            ...{ dnsServers: ["183.60.82.98", "183.60.83.19"], enableRouteVpcPublish: false },
            defaultRouteTableId: view.newId("rtb-", ID_LENGTH),
        };
        return { id, facts };
    },
    remove({ id }, view) {
        refuseInUse(view, { type: "Subnet", argument: "vpcId", code: IN_USE }, id);
    },
};

export const subnet: Kind = {
    replaces: ["availabilityZone", "cdcId", "cidrBlock", "vpcId"],
    computed: ["availableIpCount", "createTime", "isDefault", "routeTableId", "subnetId"],
    defaults: { isMulticast: true },
    isNamed: true,
    rules: [cidr4("cidrBlock")],
    create(inputs, view) {
        const code = "ResourceNotFound.VpcId";
        const network = view.get("Vpc", inputs.vpcId, code);
        if (ZONES[view.region]?.[text(inputs, "availabilityZone")] === undefined) {
            const message = `The zone does not exist: ${text(inputs, "availabilityZone")}.`;
            throw new CloudError("InvalidZone.MismatchRegion", message);
        }
        if (!isWithin(inputs.cidrBlock, network.inputs.cidrBlock)) {
            const message = "The subnet is not in the range of the VPC.";
            throw new CloudError("InvalidParameterValue.SubnetRange", message);
        }
        const others = view.all("Subnet").filter((other) => other.inputs.vpcId === network.id);
        if (others.some((other) => overlaps(other.inputs.cidrBlock, inputs.cidrBlock))) {
            const message = "The subnet overlaps another one.";
            throw new CloudError("InvalidParameterValue.SubnetOverlap", message);
        }
        const id = view.newId("subnet-", ID_LENGTH);
        const { defaultRouteTableId: routeTableId } = network.facts;
        const facts = { subnetId: id, availableIpCount: 253, isDefault: false, routeTableId };
        return { id, facts };
    },
    remove({ id }, view) {
        refuseInUse(view, { type: "Instance", argument: "subnetId", code: IN_USE }, id);
    },
};

export const securityGroup: Kind = {
    replaces: ["projectId"],
    computed: ["projectId", "securityGroupId"],
    defaults: { description: "" },
    isNamed: true,
    rules: [],
    create(_inputs, view) {
        const id = view.newId("sg-", ID_LENGTH);
        return { id, facts: { securityGroupId: id, projectId: 0 } };
    },
    remove({ id }, view) {
        for (const argument of ["orderlySecurityGroups", "securityGroups"]) {
            refuseInUse(view, { type: "Instance", argument, code: IN_USE }, id);
        }
        // Rules have no life of their own: they go with their group.
        for (const rules of view.all("SecurityGroupRuleSet")) {
            if (rules.id === id) view.remove(rules);
        }
    },
};
