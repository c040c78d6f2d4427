import { createHash } from "node:crypto";
import { isIPv4, isIPv6 } from "node:net";

import { CloudError } from "../cloud/errors";
import type { Kind } from "../cloud/kind";
import { atMostOneOf, between, matches, oneOf, when } from "../cloud/rules";
import type { CloudObject, Properties } from "../cloud/types";
import { text, texts } from "../cloud/values";
import type { CloudView } from "../cloud/view";

const PUBLIC_KEY = /^(ssh-rsa|ssh-ed25519|ecdsa-sha2-nistp\d+) [A-Za-z0-9+/]+={0,2}( |\s|$)/;

export const ecsKeyPair: Kind = {
    replaces: ["keyFile", "keyName", "keyNamePrefix", "keyPairName"],
    // Read in 1.285.0: the provider has no code for it.
    ineffective: ["publicKey"],
    computed: ["createTime", "fingerPrint", "keyName", "keyPairName", "resourceGroupId"],
    rules: [
        atMostOneOf("keyPairName", "keyName"),
        atMostOneOf("keyPairName", "keyNamePrefix"),
        matches(
            ...(["keyPairName", /^[\p{L}](?!.*:\/\/)[\p{L}\d._:-]{1,127}$/u] as const),
            "key_pair_name must have 2 to 128 characters and begin with a letter",
        ),
    ],
    create(inputs, view) {
        const prefix = text(inputs, "keyNamePrefix") || "terraform-";
        const given = text(inputs, "keyPairName") || text(inputs, "keyName");
        const name = given || prefix + String(view.newNumber()).padStart(26, "0");
        const publicKey = text(inputs, "publicKey");
        if (view.find("EcsKeyPair", name) !== undefined) {
            throw new CloudError("KeyPair.AlreadyExist", `The key pair already exists: ${name}.`);
        }
        if (publicKey !== "" && !PUBLIC_KEY.test(publicKey)) {
            const message = "The specified public key body is not valid.";
            throw new CloudError("InvalidPublicKeyBody.Malformed", message);
        }
        const fingerPrint = createHash("md5").update(publicKey).digest("hex");
        return { id: name, facts: { keyName: name, keyPairName: name, fingerPrint } };
    },
    remove({ id }, view) {
        const users = view.all("Instance").filter(({ inputs }) => inputs.keyName === id);
        if (users.length > 0) {
            const message = `The key pair ${id} is still attached to an instance.`;
            throw new CloudError("InvalidParameter.KeypairAlreadyAttachedInstance", message);
        }
    },
};

/** Kinds of records of which a name can have several with different values only. */
const VALUES: Readonly<Record<string, (value: string) => boolean>> = {
    A: (value) => isIPv4(value),
    AAAA: (value) => isIPv6(value),
    CNAME: (value) => /^[\w.-]+$/.test(value),
};

export const alidnsRecord: Kind = {
    replaces: ["domainName"],
    computed: [],
    defaults: { line: "default", status: "ENABLE", ttl: 600 },
    isRegionless: true,
    rules: [
        oneOf("type", "A", "AAAA", "CNAME", "MX", "NS", "TXT", "SRV", "CAA"),
        oneOf("status", "ENABLE", "DISABLE"),
        // What the free edition allows.
        between("ttl", 600, 86400),
        when(["value", "type"], ({ type, value }) =>
            (VALUES[String(type)]?.(String(value)) ?? true)
                ? undefined
                : `value is not one of a record of type ${String(type)}: ${String(value)}`,
        ),
    ],
    create(inputs, view) {
        const domain = text(inputs, "domainName");
        if (!view.hasDomain(domain)) {
            const message = `The specified domain name does not exist: ${domain}.`;
            throw new CloudError("InvalidDomainName.NoExist", message);
        }
        refuseSameRecord(inputs, view.all("AlidnsRecord"));
        return { id: String(1_500_000_000_000_000_000n + BigInt(view.newNumber())), facts: {} };
    },
    update(object, inputs, view) {
        const others = view.all("AlidnsRecord").filter((other) => other !== object);
        refuseSameRecord(inputs, others);
        return {};
    },
};

function refuseSameRecord(inputs: Properties, others: readonly CloudObject[]): void {
    const isSame = (names: readonly string[], other: CloudObject): boolean =>
        names.every((name) => other.inputs[name] === inputs[name]);
    const name = ["domainName", "rr", "line"];
    if (others.some((other) => isSame([...name, "type", "value"], other))) {
        throw new CloudError("DomainRecordDuplicate", "The DNS record already exists.");
    }
    const sameName = others.filter((other) => isSame(name, other));
    const types = [inputs.type, ...sameName.map((other) => other.inputs.type)];
    if (types.length > 1 && types.includes("CNAME")) {
        throw new CloudError("DomainRecordConflict", "The DNS record conflicts with another one.");
    }
}

/** Refuses security groups that are not there or in another network. */
export function refuseBadGroups(inputs: Properties, vpcId: unknown, view: CloudView): void {
    const groups = texts(inputs, "securityGroups");
    for (const id of groups) {
        const group = view.get("SecurityGroup", id, "InvalidSecurityGroupId.NotFound");
        if (group.inputs.vpcId !== vpcId) {
            const message = "The specified security group is not in the VPC of the VSwitch.";
            throw new CloudError("InvalidSecurityGroupId.VPCMismatch", message);
        }
    }
}
