import { isIP } from "node:net";

import type { CheckFailure } from "@pulumi/pulumi/provider";

import {
    failuresOf,
    isAtLeast,
    isBoolean,
    isListOf,
    isOneOf,
    isString,
    type Rule,
} from "../support/check";
import { isUnknown, plainProperties, type Properties } from "../support/property-values";
import { SUBJECT_PARTS, USES } from "./openssl-config";

/** Arguments of a self-signed certificate, with the defaults. */
export interface CertificateArgs {
    readonly allowedUses: readonly string[];
    readonly validityPeriodHours: number;
    readonly privateKeyPem?: string;
    readonly privateKeyPemWo?: string;
    readonly dnsNames: readonly string[];
    readonly ipAddresses: readonly string[];
    readonly uris: readonly string[];
    readonly subject: Readonly<Record<string, string | readonly string[]>>;
    readonly earlyRenewalHours: number;
    readonly isCaCertificate: boolean;
    readonly maxPathLength?: number;
    readonly setAuthorityKeyId: boolean;
    readonly setSubjectKeyId: boolean;
}

/** What the real provider stores for arguments that are absent. */
export const DEFAULTS = {
    earlyRenewalHours: 0,
    isCaCertificate: false,
    setAuthorityKeyId: false,
    setSubjectKeyId: false,
};
/** Arguments that make another certificate when they change. */
export const REPLACING = [
    "allowedUses",
    "validityPeriodHours",
    "privateKeyPem",
    "privateKeyPemWoVersion",
    "dnsNames",
    "ipAddresses",
    "uris",
    "subject",
    "isCaCertificate",
    "maxPathLength",
    "setAuthorityKeyId",
    "setSubjectKeyId",
];

const isAddress: Rule = (value) =>
    typeof value === "string" && isIP(value) !== 0
        ? undefined
        : `Invalid IP address: Failed to parse ${JSON.stringify(value)}`;
const isSubject: Rule = (value) => {
    const optional = Object.fromEntries(
        SUBJECT_PARTS.map((part) => [
            part,
            part === "streetAddresses" ? isListOf(isString) : isString,
        ]),
    );
    return failuresOf(value as Properties, { required: {}, optional }, "subject.")
        .map(({ property, reason }) => `${property}: ${reason}`)
        .at(0);
};
const SHAPE = {
    required: {
        allowedUses: isListOf(isOneOf(USES)),
        validityPeriodHours: isAtLeast(1),
    },
    optional: {
        privateKeyPem: isString,
        privateKeyPemWo: isString,
        privateKeyPemWoVersion: isAtLeast(0),
        dnsNames: isListOf(isString),
        ipAddresses: isListOf(isAddress),
        uris: isListOf(isString),
        subject: isSubject,
        earlyRenewalHours: isAtLeast(0),
        isCaCertificate: isBoolean,
        maxPathLength: isAtLeast(-1),
        setAuthorityKeyId: isBoolean,
        setSubjectKeyId: isBoolean,
    },
};

/** What is wrong with the arguments of a certificate. */
export function checkCertificate(news: Properties): CheckFailure[] {
    const failures = failuresOf(news, SHAPE);
    const keys = ["privateKeyPem", "privateKeyPemWo"].filter((name) => name in news);
    if (keys.length !== 1) {
        const reason =
            "Invalid Attribute Combination: exactly one of privateKeyPem and privateKeyPemWo " +
            "must be specified";
        failures.push({ property: "privateKeyPem", reason });
    }
    if (failures.length > 0 || isUnknown(news)) {
        return failures;
    }
    return identityFailures(certificateArgs(news));
}

/** What the real provider finds only when it makes the certificate. */
function identityFailures(args: CertificateArgs): CheckFailure[] {
    const failures: CheckFailure[] = [];
    if (args.isCaCertificate && Object.keys(args.subject).length === 0) {
        const reason =
            "Invalid Certificate Subject: Must contain at least one Distinguished Name when " +
            "creating Certificate Authority (CA)";
        failures.push({ property: "subject", reason });
    }
    if (args.setAuthorityKeyId && !args.setSubjectKeyId && !args.isCaCertificate) {
        const reason =
            "Invalid Certificate Authority: Could not determine Authority Key Identifier";
        failures.push({ property: "setAuthorityKeyId", reason });
    }
    return failures;
}

/** Arguments with their defaults, without the wrappers of secrets. */
export function certificateArgs(inputs: Properties): CertificateArgs {
    const lists = { dnsNames: [], ipAddresses: [], uris: [], subject: {} };
    return { ...DEFAULTS, ...lists, ...plainProperties(inputs) } as unknown as CertificateArgs;
}
