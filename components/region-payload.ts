import { randomBytes } from "node:crypto";

import * as pulumi from "@pulumi/pulumi";

import type { RelayCertificate } from "./certificates/pinned";
import { renderArchive } from "./cloud-init/archive";
import {
    type CertificateFiles,
    type Payload,
    payloadDigest,
    type PayloadSettings,
    renderPayload,
} from "./cloud-init/payload";
import type { DerpRegionArgs } from "./derp-region";
import type { Driver, MachineRequest } from "./drivers/driver";
import { VERSIONS } from "./versions";

/** A region with its name in Pulumi. */
type NamedRegion = DerpRegionArgs & { readonly name: string };

/**
 * Renders what a region's machine is to run.
 *
 * @param driver Where it runs.
 * @param args The region.
 * @param address Address that clients dial.
 * @param certificate The relay's certificate; undefined when it comes into being on the machine.
 * @returns The payload, packed, and its digest.
 */
export function packPayload(
    driver: Driver,
    args: NamedRegion,
    address: pulumi.Output<string>,
    certificate: RelayCertificate | undefined,
): Pick<MachineRequest, "archive" | "digest"> {
    const files = certificate && {
        certificatePem: certificate.certificate,
        privateKeyPem: certificate.privateKey,
    };
    const payload = pulumi
        .all([address, pulumi.secret(files)])
        .apply(([ipv4, pems]) => toPayload(args, ipv4, pems));
    const archive = payload.apply((files) => renderChecked(driver, args, files));
    return { archive, digest: pulumi.unsecret(payload.apply(payloadDigest)) };
}

/**
 * Checks, before anything exists, that the place accepts a payload of the size that the region's will have: with the
 * longest address and, where Pulumi makes it, another certificate. A certificate whose key is not known yet is only
 * checked when it is packed.
 *
 * @param driver Where it is to run.
 * @param args The region.
 * @throws {pulumi.RunError} If the place does not accept that much; with the byte count.
 */
export function checkSize(driver: Driver, args: NamedRegion): void {
    const { certificate } = args;
    const check = (files?: CertificateFiles) => {
        renderChecked(driver, args, toPayload(args, "255.255.255.255", files));
    };
    switch (certificate.mode) {
        case "letsencrypt":
        case "certbot":
        case "files":
            check();
            break;
        case "pinned": {
            const pem = (bytes: number) => randomBytes(bytes).toString("base64");
            // What P-256 and ASN.1 take, with a name of the longest kind.
            const hostname = (args.hostname ?? "").length * 2;
            check({ certificatePem: pem(420 + hostname), privateKeyPem: pem(121) });
            break;
        }
        case "provided": {
            const { privateKey: privateKeyPem, certificate: certificatePem } = certificate;
            if (typeof privateKeyPem === "string") check({ certificatePem, privateKeyPem });
        }
    }
}

/** Packs a payload, in base64, and checks that the place accepts it. */
function renderChecked(driver: Driver, { regionName }: DerpRegionArgs, payload: Payload): string {
    const limit = driver.archiveLimit ?? Number.POSITIVE_INFINITY;
    const archive = renderArchive(payload);
    if (archive.length > limit) {
        throw new pulumi.RunError(
            `the packed payload of region ${regionName} must be at most ` +
                `${String(limit)} bytes: got ${String(archive.length)}. ` +
                "Use a shorter certificate chain or an ECDSA key, or in a cloud place.ssh: over SSH there is no limit.",
        );
    }
    return Buffer.from(archive).toString("base64");
}

/** Files are here already in the modes in which they do not come into being on the machine. */
function proofOf(
    { certificate }: DerpRegionArgs,
    files: CertificateFiles | undefined,
): PayloadSettings["certificate"] {
    if (certificate.mode !== "pinned" && certificate.mode !== "provided") {
        return certificate;
    }
    if (files === undefined) {
        throw new Error(`mode ${certificate.mode} must have certificate files`);
    }
    return { mode: "manual", ...files };
}

function toPayload(
    args: NamedRegion,
    address: string,
    files: CertificateFiles | undefined,
): Payload {
    const { derp, stun, http } = args.ports;
    const { place } = args;
    return renderPayload({
        // On a server, programs of its owner may live on what the metadata service gives them.
        guardMetadata: place.driver !== "server",
        securityUpdates: place.driver !== "local" && place.securityUpdates,
        hostname: args.hostname ?? address,
        address,
        ports: { derp, stun, ...(http === -1 ? {} : { http }) },
        certificate: proofOf(args, files),
        verify: args.verify,
        // As the machine is called in its cloud. Not the code, which may change without another machine.
        nodeName: `derp-${args.name}`,
        home: args.home,
        ...(args.bandwidthMbps === undefined ? {} : { bandwidthMbps: args.bandwidthMbps }),
        derperVersion: args.derperVersion,
        goVersion: VERSIONS.go,
        goZipSha256: VERSIONS.goZipSha256,
        goProxies: args.goProxies,
    });
}
