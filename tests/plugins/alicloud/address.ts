import { CloudError } from "../cloud/errors";
import type { Kind } from "../cloud/kind";
import { atMostOneOf, matches, oneOf, when } from "../cloud/rules";
import { number } from "../cloud/values";
import type { CloudView } from "../cloud/view";

const RANGE = "203.0.113";
const MOST_BANDWIDTH = 200;
const DEFAULT_BANDWIDTH = "5";

function isBound(view: CloudView, allocationId: unknown): boolean {
    return view.all("EipAssociation").some(({ inputs }) => inputs.allocationId === allocationId);
}

export const eipAddress: Kind = {
    replaces: [
        ...["allocationId", "highDefinitionMonitorLogStatus", "instanceChargeType"],
        ...["internetChargeType", "ipAddress", "isp", "netmode", "paymentType"],
        ...["publicIpAddressPoolId", "securityProtectionTypes", "zone"],
    ],
    computed: [
        ...["addressName", "allocationId", "bandwidth", "createTime", "deletionProtection"],
        ...["description", "highDefinitionMonitorLogStatus", "instanceChargeType"],
        ...["internetChargeType", "ipAddress", "isp", "mode", "name", "netmode", "paymentType"],
        ...["resourceGroupId", "status", "zone"],
    ],
    rules: [
        atMostOneOf("addressName", "name"),
        atMostOneOf("paymentType", "instanceChargeType"),
        oneOf("internetChargeType", "PayByBandwidth", "PayByTraffic"),
        oneOf("paymentType", "PayAsYouGo", "Subscription"),
        oneOf("isp", "BGP", "BGP_PRO", "ChinaTelecom", "ChinaUnicom", "ChinaMobile"),
        matches("bandwidth", /^\d+$/, "bandwidth must be a whole number"),
        when(["bandwidth"], ({ bandwidth }) =>
            Number(bandwidth) >= 1 && Number(bandwidth) <= MOST_BANDWIDTH
                ? undefined
                : `bandwidth must be in the range (1 - ${String(MOST_BANDWIDTH)}), got ${String(bandwidth)}`,
        ),
    ],
    create(_inputs, view) {
        const address = view.newAddress(RANGE, "QuotaExceeded.Eip");
        const id = view.newId("eip-", 21);
        const paymentType = "PayAsYouGo";
        const facts = {
            ...{ address, ipAddress: address, allocationId: id, isp: "BGP", netmode: "public" },
            ...{ bandwidth: DEFAULT_BANDWIDTH, internetChargeType: "PayByBandwidth", paymentType },
            ...{ deletionProtection: false, instanceChargeType: "PostPaid", mode: "NAT" },
        };
        return { id, facts };
    },
    remove({ id, inputs }, view) {
        if (inputs.deletionProtection === true) {
            const message = "The deletion protection of the address is on.";
            throw new CloudError("OperationDenied.DeleteProtection", message);
        }
        if (isBound(view, id)) {
            const message = "Current elastic IP status does not support this operation.";
            throw new CloudError("IncorrectEipStatus", message);
        }
    },
    describe: ({ id, inputs }, view) => ({
        addressName: inputs.addressName ?? inputs.name ?? "",
        name: inputs.addressName ?? inputs.name ?? "",
        status: isBound(view, id) ? "InUse" : "Available",
        // The list of addresses of all objects is no output.
        address: undefined,
    }),
};

export const eipAssociation: Kind = {
    replaces: ["allocationId", "instanceId", "instanceType", "privateIpAddress", "vpcId"],
    computed: ["instanceType", "mode"],
    rules: [
        oneOf(
            ...(["instanceType", "EcsInstance", "SlbInstance", "Nat", "HaVip"] as const),
            ...["NetworkInterface", "IpAddress"],
        ),
    ],
    create(inputs, view) {
        const { allocationId, instanceId } = inputs;
        const eip = view.get("EipAddress", allocationId, "InvalidAllocationId.NotFound");
        const instance = view.get("Instance", instanceId, "InvalidInstanceId.NotFound");
        if (number(instance.inputs, "internetMaxBandwidthOut") > 0) {
            const message = "The specified instance already has a public IP address.";
            throw new CloudError("InvalidStatus.InstanceHasBandWidth", message);
        }
        if (isBound(view, eip.id)) {
            const message = "Current elastic IP status does not support this operation.";
            throw new CloudError("IncorrectEipStatus", message);
        }
        const others = view.all("EipAssociation");
        if (others.some((other) => other.inputs.instanceId === instance.id)) {
            const message = "The specified instance is already bound to another elastic IP.";
            throw new CloudError("InvalidBindingStatus", message);
        }
        const id = `${eip.id}:${instance.id}`;
        return { id, facts: { instanceType: "EcsInstance", mode: "NAT" } };
    },
};
