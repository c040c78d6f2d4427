import * as pulumi from "@pulumi/pulumi";

import { parseRegions } from "../../components/config/parse";
import { DerpRegion } from "../../components/derp-region";
import { deploy, type Registered } from "./mocks";
import { rawRegion, source } from "./region";

/** How Pulumi marks a secret on its way to the engine. */
const SECRET = "4dabf18193072939515e22adb298388d";
/** How it marks that something is one. */
const IS_SECRET = "1b47061264138c4ac30d75fd1eb44270";

const PEM = (kind: string) => `-----BEGIN ${kind}-----\nTUlJ\n-----END ${kind}-----\n`;
/** What the mocks answer in place of the clouds. */
const OUTPUTS = {
    "alicloud:ecs/eipAddress:EipAddress": { ipAddress: "203.0.113.10" },
    "alicloud:ecs/ecsInvocation:EcsInvocation": { status: "Success" },
    "tencentcloud:index/eip:Eip": { publicIp: "198.51.100.10" },
    "tencentcloud:index/vpcIpv6CidrBlock:VpcIpv6CidrBlock": {
        ipv6CidrBlock: "2001:db8:0:1200::/56",
    },
    "tencentcloud:index/instance:Instance": {
        publicIp: "198.51.100.77",
        ipv6Addresses: ["2001:0db8:0:1203:0:0:0:10"],
    },
    "tls:index/privateKey:PrivateKey": {
        privateKeyPem: PEM("EC PRIVATE KEY"),
        privateKeyOpenssh: PEM("OPENSSH PRIVATE KEY"),
        publicKeyOpenssh: "ssh-rsa AAAA\n",
    },
    "tls:index/selfSignedCert:SelfSignedCert": { certPem: PEM("CERTIFICATE") },
};
const CALLS = {
    "alicloud:vpc/getIpv6Addresses:getIpv6Addresses": {
        addresses: [{ id: "ipv6-10", ipv6Address: "2001:0db8:0:0::10" }],
    },
    "alicloud:ecs/getImages:getImages": { images: [{ id: "ubuntu_22_04.vhd" }] },
    "alicloud:ecs/getInstanceTypes:getInstanceTypes": {
        instanceTypes: ["ecs.t6-c1m1.large", "ecs.t6-c1m2.large"].map((id) => ({
            ...{ id, cpuCoreCount: 2, memorySize: 2 },
        })),
    },
    "tencentcloud:index/getImages:getImages": {
        images: [
            { imageId: "img-old", architecture: "x86_64", createdTime: "2024-01-01" },
            { imageId: "img-new", architecture: "x86_64", createdTime: "2026-01-01" },
            { imageId: "img-arm", architecture: "arm64", createdTime: "2026-09-01" },
        ],
    },
    "tencentcloud:index/getInstanceTypes:getInstanceTypes": {
        instanceTypes: ["S5.SMALL1", "S5.MEDIUM2"].map((instanceType) => ({
            ...{ instanceType, cpuCoreCount: 1, memorySize: 1 },
        })),
    },
};
const ENV = {
    ...{ ALICLOUD_ACCESS_KEY: "test-a", ALICLOUD_SECRET_KEY: "b" },
    ...{ TENCENTCLOUD_SECRET_ID: "test-a", TENCENTCLOUD_SECRET_KEY: "b" },
};

/** Places of regions, and who may use SSH in a cloud. */
export const PLACES = {
    SSH: { allowFrom: ["203.0.113.7/32"] },
    ALICLOUD: { driver: "alicloud", zone: "cn-shanghai-b" },
    TENCENTCLOUD: { driver: "tencentcloud", zone: "ap-guangzhou-3" },
    SERVER: {
        driver: "server",
        address: "203.0.113.7",
        hostKey: `ecdsa-sha2-nistp256 ${"A".repeat(140)}=`,
        privateKey: "-----BEGIN OPENSSH PRIVATE KEY-----\nhunter2\n",
    },
};

/** What a region registered. */
export interface DeployedRegion {
    /** Every resource: type and name, sorted. */
    readonly list: readonly string[];
    /** The same for what is below the region. */
    readonly children: readonly string[];
    /** Inputs of the only resource of a type. */
    readonly inputsOf: (type: string, name?: string) => Readonly<Record<string, unknown>>;
    /** Options that a resource was registered with. */
    readonly optionsOf: (type: string, name?: string) => pulumi.CustomResourceOptions;
    /** Type and name of the provider that a resource was given. */
    readonly providerOf: (type: string, name?: string) => string;
    /** Types and names of what a resource was told to wait for. */
    readonly awaitedBy: (type: string, name?: string) => readonly string[];
    /** Types and names of what an input of a resource, or its elements, comes from. */
    readonly sourcesOf: (type: string, input: string, name?: string) => Promise<readonly string[]>;
}

/** Brings up the region "hangzhou" on mocks, without a certificate of its own. */
export async function deployRegion(
    changes: Readonly<Record<string, unknown>>,
): Promise<DeployedRegion> {
    const verify = { mode: "url", url: "https://headscale.example.com/verify" };
    const raw = rawRegion({ certificate: undefined, verify, ...changes });
    const [settings] = parseRegions([raw], source({ env: ENV }));
    if (settings === undefined) throw new Error("no region");
    const { name, ...args } = settings;
    const seen: pulumi.ResourceTransformationArgs[] = [];
    const transformations = [
        (each: pulumi.ResourceTransformationArgs) => {
            seen.push(each);
            return undefined;
        },
    ];
    const { resources, result } = await deploy(
        () => new DerpRegion(name, args, { transformations }),
        OUTPUTS,
        CALLS,
    );
    const find = (type: string, name = "hangzhou") => {
        const found = seen.find((each) => describe(each) === `${type} ${name}`);
        if (found === undefined) throw new Error(`no ${type} ${name}`);
        return found;
    };
    const optionsOf: DeployedRegion["optionsOf"] = (type, name) => find(type, name).opts;
    const nameOf = (resource: pulumi.Resource | undefined) => {
        const found = seen.find((each) => each.resource === resource);
        return found === undefined ? "nothing of the region's" : describe(found);
    };
    const describe = (each: Pick<Registered, "type" | "name">) => `${each.type} ${each.name}`;
    return {
        list: resources.map(describe).toSorted(),
        children: seen
            .filter(({ opts }) => opts.parent === result)
            .map(describe)
            .toSorted(),
        optionsOf,
        providerOf: (type, name) => nameOf(optionsOf(type, name).provider),
        awaitedBy: (type, name) => {
            const awaited = [optionsOf(type, name).dependsOn ?? []].flat();
            return (awaited as pulumi.Resource[]).map(nameOf);
        },
        sourcesOf: async (type, input, name) => {
            const values = [find(type, name).props[input] as unknown].flat();
            const sets = await Promise.all(
                values.filter((value) => pulumi.Output.isInstance(value)).map(resourcesOf),
            );
            return sets.flatMap((set) => [...set].map(nameOf));
        },
        inputsOf: (type, resource = "hangzhou") => {
            const found = resources.filter((each) => describe(each) === `${type} ${resource}`);
            const [only] = found;
            if (only === undefined || found.length > 1) {
                throw new Error(`${String(found.length)} of ${type} ${resource}`);
            }
            return only.inputs;
        },
    };
}

/** The SDK keeps it to itself. */
function resourcesOf(output: pulumi.Output<unknown>): Promise<ReadonlySet<pulumi.Resource>> {
    const { allResources } = output as unknown as {
        allResources: () => Promise<ReadonlySet<pulumi.Resource>>;
    };
    return allResources.call(output);
}

/**
 * Opens what is marked as a secret.
 *
 * @param input An input of a resource.
 * @returns Its value.
 * @throws {Error} If it is not a secret.
 */
export function openSecret(input: unknown): unknown {
    const { value, ...mark } = input as Readonly<Record<string, unknown>>;
    if (mark[SECRET] !== IS_SECRET) throw new Error("must be a secret");
    return value;
}

/** Decodes user data, which must be a secret. */
export function decodeUserData(input: unknown): string {
    return Buffer.from(openSecret(input) as string, "base64").toString();
}

/** The lines of base91 in a script that installs a payload, or a part of one. */
export function payloadIn(script: string): string {
    const [, payload] = /<<\\E[^\n]*\n([^]*\n)E\n/.exec(script) ?? [];
    if (payload === undefined) throw new Error("no payload in this script");
    return payload;
}
