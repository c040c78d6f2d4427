import { generateKeyPairSync } from "node:crypto";
import { isIPv4, isIPv6 } from "node:net";

import { CloudError } from "../cloud/errors";
import { refuseInUse } from "../cloud/in-use";
import type { Kind } from "../cloud/kind";
import { between, matches, oneOf, when } from "../cloud/rules";
import type { CloudObject, Properties } from "../cloud/types";
import { text } from "../cloud/values";

const PUBLIC_KEY = /^ssh-rsa [A-Za-z0-9+/]+={0,2}( |\s|$)/;

export const keyPair: Kind = {
    replaces: ["projectId", "publicKey"],
    computed: ["createdTime", "forceStop", "keyPairId", "privateKey", "publicKey"],
    defaults: { projectId: 0 },
    rules: [
        matches("keyName", /^.{1,25}$/s, "the length of key_name must be 1-25"),
        matches("keyName", /^\w+$/, 'key_name only support letters, numbers and "_"'),
    ],
    create(inputs, view) {
        // Key pairs are the same in all regions of an account.
        const others = view.everywhere("KeyPair");
        const isTaken = (name: string): boolean =>
            others.some((other) => other.inputs[name] === inputs[name]);
        if (isTaken("keyName")) {
            throw new CloudError("InvalidKeyPairName.Duplicate", "The key pair name is taken.");
        }
        const given = text(inputs, "publicKey");
        if (given !== "" && !PUBLIC_KEY.test(given)) {
            throw new CloudError(
                "InvalidPublicKey.Malformed",
                "The public key must be OpenSSH RSA.",
            );
        }
        if (given !== "" && isTaken("publicKey")) {
            throw new CloudError("InvalidPublicKey.Duplicate", "The public key exists already.");
        }
        const id = view.newId("skey-", 8);
        const pair = given === "" ? newKey() : { privateKey: "", publicKey: given };
        return { id, facts: { ...pair, keyPairId: id } };
    },
    remove({ id }, view) {
        const code = "InvalidKeyPairId.InUse";
        refuseInUse(view, { type: "Instance", argument: "keyIds", code }, id);
    },
    isRegionless: true,
};

/** Without a public key the cloud makes a pair, and shows the private key once. */
function newKey(): { privateKey: string; publicKey: string } {
    return generateKeyPairSync("rsa", {
        modulusLength: 2048,
        privateKeyEncoding: { type: "pkcs1", format: "pem" },
        publicKeyEncoding: { type: "pkcs1", format: "pem" },
    });
}

const VALUES: Readonly<Record<string, (value: string) => boolean>> = {
    A: (value) => isIPv4(value),
    AAAA: (value) => isIPv6(value),
    CNAME: (value) => /^[\w.-]+$/.test(value),
};

export const dnspodRecord: Kind = {
    replaces: ["domain"],
    computed: ["dnspodRecordId", "monitorStatus", "recordId", "updatedOn"],
    defaults: { status: "ENABLE", subDomain: "@", ttl: 600, weight: 0 },
    isRegionless: true,
    rules: [
        oneOf("status", "ENABLE", "DISABLE"),
        // What the free edition allows.
        between("ttl", 600, 604800),
        when(["value", "recordType"], ({ recordType, value }) =>
            (VALUES[String(recordType)]?.(String(value)) ?? true)
                ? undefined
                : `value is not one of a record of type ${String(recordType)}: ${String(value)}`,
        ),
    ],
    create(inputs, view) {
        const domain = text(inputs, "domain");
        if (!view.hasDomain(domain)) {
            const message = `The domain is not in the account: ${domain}.`;
            throw new CloudError("InvalidParameterValue.DomainNotExists", message);
        }
        refuseBadRecord(inputs, view.all("DnspodRecord"));
        const recordId = String(1_700_000_000 + view.newNumber());
        const id = `${domain}#${recordId}`;
        return { id, facts: { recordId, dnspodRecordId: id, monitorStatus: "" } };
    },
    update(object, inputs, view) {
        const others = view.all("DnspodRecord").filter((other) => other !== object);
        refuseBadRecord(inputs, others);
        return {};
    },
};

function refuseBadRecord(inputs: Properties, others: readonly CloudObject[]): void {
    if (!["默认", "境内", "境外", "电信", "联通", "移动"].includes(text(inputs, "recordLine"))) {
        throw new CloudError("InvalidParameter.RecordLineInvalid", "The record line is invalid.");
    }
    const names = ["domain", "subDomain", "recordLine", "recordType", "value"];
    if (others.some((other) => names.every((name) => other.inputs[name] === inputs[name]))) {
        const message = "The record exists already; it need not be added again.";
        throw new CloudError("InvalidParameter.DomainRecordExist", message);
    }
}
