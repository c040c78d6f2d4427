import { execFileSync } from "node:child_process";
import { gunzipSync } from "node:zlib";

import * as pulumi from "@pulumi/pulumi";

import { renderUserData } from "../../components/cloud-init/payload";
import { parseRegions } from "../../components/config/parse";
import { driverFor } from "../../components/drivers/index";
import { checkSize, packPayload } from "../../components/region-payload";
import { valueOf } from "../support/mocks";
import { goodCertificate, rawRegion, source } from "../support/region";

/** What `checkSize` reckons with, so that both see the same payload. */
const ADDRESS = "255.255.255.255";

describe("checkSize() and packPayload()", () => {
    const [args] = parseRegions([rawRegion()], source());
    if (args === undefined) throw new Error("no region");
    const driver = (userDataLimit?: number) => ({ ...driverFor(args.place), userDataLimit });
    const check = (limit: number) => {
        checkSize(driver(limit), args);
    };
    const pack = async (limit?: number) => {
        const pair = goodCertificate();
        const certificate = {
            certificate: pulumi.output(pair.certificate),
            privateKey: pulumi.secret(pair.privateKey),
        };
        const { archive } = packPayload(driver(limit), args, pulumi.output(ADDRESS), certificate);
        return Buffer.from(await valueOf(archive), "base64");
    };
    const sizeOf = (archive: Uint8Array) => renderUserData(archive).length;
    const packSmaller = async () => {
        const limit = sizeOf(await pack()) - 1;
        check(limit);
        return pack(limit);
    };

    it("fault 06: pack with gzip what fits, where there is a limit as where there is none", async () => {
        const archive = await pack();
        const limit = sizeOf(archive);
        check(limit);
        expect(await pack(limit)).toEqual(archive);
    });

    it("fault 06: pack smaller what gzip makes too large, down to the last byte", async () => {
        const archive = await pack();
        const smaller = await packSmaller();
        const limit = sizeOf(smaller);
        expect(limit).toBeLessThan(sizeOf(archive));
        check(limit);
        expect(await pack(limit)).toEqual(smaller);
        const unpacked = execFileSync("gzip", ["-dc"], { input: smaller });
        expect(unpacked).toEqual(gunzipSync(archive));
    });

    // Nobody can wait for an output that fails: Pulumi takes it for an error of the program.
    it("fault 06: refuse what does not fit then either, with the byte count", async () => {
        const least = sizeOf(await packSmaller());
        const limit = least - 1;
        expect(() => {
            check(limit);
        }).toThrow(
            new pulumi.RunError(
                `the user data of region hangzhou must be at most ${String(limit)} bytes: got ${String(least)}. ` +
                    "Use a shorter certificate chain or an ECDSA key, or in a cloud place.ssh: over SSH there is no limit.",
            ),
        );
    });
});
