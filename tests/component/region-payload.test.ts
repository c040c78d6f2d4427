import * as pulumi from "@pulumi/pulumi";

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
    const driver = (archiveLimit: number) => ({ ...driverFor(args.place), archiveLimit });
    const check = (limit: number) => {
        checkSize(driver(limit), args);
    };
    const pack = async () => {
        const pair = goodCertificate();
        const certificate = {
            certificate: pulumi.output(pair.certificate),
            privateKey: pulumi.secret(pair.privateKey),
        };
        const address = pulumi.output(ADDRESS);
        const { archive } = packPayload(driver(1_000_000), args, address, certificate);
        return Buffer.from(await valueOf(archive), "base64");
    };

    // Nobody can wait for an output that fails: Pulumi takes it for an error of the program.
    it("fault 06: accept what the place takes, to the last byte, and refuse more with the byte count", async () => {
        const { length } = await pack();
        check(length);
        const limit = length - 1;
        expect(() => {
            check(limit);
        }).toThrow(
            new pulumi.RunError(
                `the packed payload of region hangzhou must be at most ${String(limit)} bytes: got ${String(length)}. ` +
                    "Use a shorter certificate chain or an ECDSA key, or in a cloud place.ssh: over SSH there is no limit.",
            ),
        );
    });
});
