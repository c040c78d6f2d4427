import { gunzipSync } from "node:zlib";

import { toBase91 } from "../../components/cloud-init/base91";
import {
    decodeUserData,
    type DeployedRegion,
    deployRegion,
    openSecret,
    payloadIn,
} from "../support/cloud-regions";

const PLACE = { driver: "alicloud", zone: "cn-shanghai-b" };
const COMMAND = "alicloud:ecs/command:Command";
const INVOCATION = "alicloud:ecs/ecsInvocation:EcsInvocation";
const REMOTE = "command:remote:Command";
/** What is run on the machine, in this order. */
const NAMES = ["hangzhou.part", "hangzhou"];

/** What the commands install. */
const payloadOf = ({ inputsOf }: DeployedRegion) =>
    NAMES.map((name) => payloadIn(decodeUserData(inputsOf(COMMAND, name).commandContent))).join("");
/** What the machine gets first. */
const firstPayloadOf = ({ inputsOf }: DeployedRegion) =>
    Buffer.from(String(openSecret(inputsOf(REMOTE).stdin)), "base64");

describe("DerpRegion through Cloud Assistant", () => {
    it("applies changes of the payload as secrets, where there is no SSH", async () => {
        const region = await deployRegion({ place: PLACE });
        for (const name of NAMES) {
            const { commandContent, ...command } = region.inputsOf(COMMAND, name);
            expect(openSecret(commandContent)).toMatch(/^[A-Za-z0-9+/=]+$/);
            expect(command).toEqual({
                name: `derp-${name}`,
                type: "RunShellScript",
                timeout: 3600,
            });
            expect(region.inputsOf(INVOCATION, name)).toEqual({
                commandId: `${name}-id`,
                instanceIds: ["hangzhou-id"],
            });
        }
        // What the machine got first, in two parts.
        expect(payloadOf(region)).toBe(toBase91(firstPayloadOf(region)));
    });

    it("applies what certbot needs the same way", async () => {
        const region = await deployRegion({
            place: PLACE,
            hostname: "relay.example.com",
            ports: { derp: 8443, http: -1 },
            certificate: { mode: "certbot" },
        });
        const first = firstPayloadOf(region);
        expect(gunzipSync(first).toString()).toContain("\ncat >derp-relay-certbot.service <<");
        expect(payloadOf(region)).toBe(toBase91(first));
    });

    it.each(NAMES)("waits for %s as long as it may run, and never stops it", async (name) => {
        const { optionsOf } = await deployRegion({ place: PLACE });
        expect(optionsOf(INVOCATION, name)).toMatchObject({
            customTimeouts: { create: "3900s" },
            retainOnDelete: true,
        });
    });

    it("runs one command after the other, and both after the first payload", async () => {
        const { sourcesOf } = await deployRegion({ place: PLACE });
        expect(await sourcesOf(INVOCATION, "commandId", "hangzhou.part")).toEqual(
            expect.arrayContaining([`${COMMAND} hangzhou.part`, `${REMOTE} hangzhou`]),
        );
        expect(await sourcesOf(INVOCATION, "commandId")).toEqual(
            expect.arrayContaining([`${COMMAND} hangzhou`, `${INVOCATION} hangzhou.part`]),
        );
    });
});
