/**
 * Stands in for the `tls` plugin, which is downloaded from its vendor and on no registry (2026-11).
 * Keys and certificates are real.
 *
 * @see https://github.com/pulumi/pulumi-tls
 * @see https://github.com/hashicorp/terraform-provider-tls/tree/main/internal/provider
 */
import type * as provider from "@pulumi/pulumi/provider";
import { version } from "@pulumi/tls/package.json";

import { type Properties, typeOf } from "../support/property-values";
import { checkCertificate } from "./certificate-args";
import { checkPrivateKey, createPrivateKey, diffPrivateKey } from "./private-key";
import {
    createCertificate,
    diffCertificate,
    readCertificate,
    updateCertificate,
} from "./self-signed-cert";

/** What the provider does with a resource of one type. */
interface Resource {
    check(news: Properties): provider.CheckFailure[];
    diff(olds: Properties, news: Properties): provider.DiffResult;
    create(inputs: Properties): Promise<provider.CreateResult>;
    read(id: string, props: Properties): provider.ReadResult;
    update(olds: Properties, news: Properties): provider.UpdateResult;
}

const RESOURCES: Readonly<Record<string, Resource>> = {
    "tls:index/privateKey:PrivateKey": {
        check: checkPrivateKey,
        diff: diffPrivateKey,
        create: createPrivateKey,
        read: (id, props) => ({ id, props }),
        update: (olds) => ({ outs: olds }),
    },
    "tls:index/selfSignedCert:SelfSignedCert": {
        check: checkCertificate,
        diff: diffCertificate,
        create: createCertificate,
        read: readCertificate,
        update: updateCertificate,
    },
};

/** Makes the provider. */
export function createProvider(): provider.Provider {
    return {
        version,
        check: async (urn, _olds: Properties, news: Properties) =>
            Promise.resolve({ inputs: news, failures: resource(urn).check(news) }),
        diff: async (_id, urn, olds: Properties, news: Properties) =>
            Promise.resolve(resource(urn).diff(olds, news)),
        create: async (urn, inputs: Properties) => resource(urn).create(inputs),
        read: async (id, urn, props: Properties = {}) =>
            Promise.resolve(resource(urn).read(id, props)),
        update: async (_id, urn, olds: Properties, news: Properties) =>
            Promise.resolve(resource(urn).update(olds, news)),
        // There is nothing outside the state that could be removed.
        delete: async () => Promise.resolve(),
    };
}

function resource(urn: string): Resource {
    const type = typeOf(urn);
    const found = RESOURCES[type];
    if (found === undefined) {
        throw new Error(`unrecognized resource type (tls): ${type}`);
    }
    return found;
}
