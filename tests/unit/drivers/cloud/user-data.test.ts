import * as pulumi from "@pulumi/pulumi";

import {
    firstBootUserData,
    sshUserData,
    type UserDataSource,
} from "../../../../components/drivers/cloud/user-data";
import { createMachineKeys } from "../../../../components/drivers/ssh/machine-keys";
import { deploy } from "../../../support/mocks";

/** What the strictest cloud takes. */
const LIMIT = 12_288;
const KEY = { privateKeyPem: "PEM\n", publicKeyOpenssh: "ssh-rsa AAAA\n" };

const firstBoot = (source: UserDataSource) =>
    firstBootUserData({ ...source, port: 8443, digest: pulumi.output("d1") });
const make = (limit: number, userData: (source: UserDataSource) => unknown) =>
    deploy(() => userData({ keys: createMachineKeys("sha", {}), limit }), {
        "tls:index/privateKey:PrivateKey": KEY,
    });

describe.each([
    ["sshUserData()", sshUserData],
    ["firstBootUserData()", firstBoot],
])("%s", (_, userData) => {
    it("is far below what the clouds take", async () => {
        await expect(make(LIMIT / 2, userData)).resolves.toBeDefined();
    });

    it("refuses more than the cloud takes before there are keys, with the byte count", async () => {
        await expect(make(500, userData)).rejects.toThrow(
            /^a machine's user data must be at most 500 bytes in this cloud: got [1-9]\d{3}\. What is large/,
        );
    });
});
