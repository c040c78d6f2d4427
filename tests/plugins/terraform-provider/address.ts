import { CloudError } from "../cloud/errors";
import type { Kind } from "../cloud/kind";
import { atLeastOneOf, between, oneOf } from "../cloud/rules";
import { text } from "../cloud/values";
import type { CloudObject } from "../cloud/types";
import type { CloudView } from "../cloud/view";

const ID_LENGTH = 8;

function boundTo(view: CloudView, eipId: string): string | undefined {
    const found = view.all("EipAssociation").find(({ inputs }) => inputs.eipId === eipId);
    return found === undefined ? undefined : text(found.inputs, "instanceId");
}

/** The cloud takes away the address that an instance was made with, and a refresh finds no bandwidth for it. */
function releaseOwnAddress(instance: CloudObject): void {
    if (instance.inputs.allocatePublicIp !== true) return;
    instance.inputs = { ...instance.inputs, internetMaxBandwidthOut: 0 };
    instance.facts = { ...instance.facts, address: undefined, publicIp: "" };
}

export const eip: Kind = {
    replaces: ["anycastZone", "internetServiceProvider", "type"],
    computed: [
        ...["antiDdosPackageId", "bandwidthPackageId", "egress", "eipId", "internetChargeType"],
        ...["internetMaxBandwidthOut", "publicIp", "status"],
    ],
    defaults: { type: "EIP" },
    isNamed: true,
    rules: [
        oneOf("type", "EIP", "AnycastEIP", "HighQualityEIP", "AntiDDoSEIP"),
        oneOf("internetServiceProvider", "BGP", "CMCC", "CTCC", "CUCC"),
        oneOf(
            ...(["internetChargeType", "BANDWIDTH_PACKAGE", "BANDWIDTH_POSTPAID_BY_HOUR"] as const),
            ...["BANDWIDTH_PREPAID_BY_MONTH", "TRAFFIC_POSTPAID_BY_HOUR"],
        ),
        between("internetMaxBandwidthOut", 1, 1000),
    ],
    create(_inputs, view) {
        const id = view.newId("eip-", ID_LENGTH);
        const address = view.newAddress("198.51.100", "AddressQuotaLimitExceeded");
        const facts = {
            ...{ address, publicIp: address, eipId: id, egress: "center_egress1" },
            ...{ internetChargeType: "TRAFFIC_POSTPAID_BY_HOUR", internetMaxBandwidthOut: 1 },
            ...{ bandwidthPackageId: "", antiDdosPackageId: "" },
        };
        return { id, facts };
    },
    remove({ id }, view) {
        if (boundTo(view, id) !== undefined) {
            const message = "The address is bound to an instance.";
            throw new CloudError("InvalidAddressState", message);
        }
    },
    describe: ({ id }, view) => ({
        status: boundTo(view, id) === undefined ? "UNBIND" : "BIND",
        // The list of addresses of all objects is no output.
        address: undefined,
    }),
};

export const eipAssociation: Kind = {
    replaces: ["eipId", "instanceId", "networkInterfaceId", "privateIp"],
    computed: ["cdcId", "eipAssociationId", "instanceId", "networkInterfaceId", "privateIp"],
    rules: [atLeastOneOf("instanceId", "networkInterfaceId")],
    create({ eipId, instanceId }, view) {
        const address = view.get("Eip", eipId, "InvalidAddressId.NotFound");
        const instance = view.get("Instance", instanceId, "InvalidInstanceId.NotFound");
        if (boundTo(view, address.id) !== undefined) {
            const message = "The address is bound to another instance already.";
            throw new CloudError("InvalidAddressState", message);
        }
        const others = view.all("EipAssociation");
        if (others.some((other) => other.inputs.instanceId === instance.id)) {
            const message = "The instance has an elastic address already.";
            throw new CloudError("InvalidInstanceId.AlreadyBindEip", message);
        }
        releaseOwnAddress(instance);
        const id = `${address.id}::${instance.id}`;
        const { privateIp } = instance.facts;
        return { id, facts: { eipAssociationId: id, networkInterfaceId: "", privateIp } };
    },
};
