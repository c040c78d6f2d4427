import { join } from "node:path";

import { PROJECT_FOLDER } from "../../scripts/project";
import { goodCertificate } from "../support/region";
import { EngineStack } from "../support/engine-stack";

/** With cold caches the Pulumi CLI is built first. */
jest.setTimeout(30 * 60_000);

const REGION = {
    name: "hangzhou",
    regionId: "901",
    "place.driver": "local",
    "verify.mode": "none",
} as const;

describe("pulumi preview", () => {
    let stack: EngineStack;

    afterEach(async () => {
        await stack.remove();
    });

    it("shows the resources of a region, and no secret", async () => {
        stack = await EngineStack.create();
        await stack.configure(REGION);
        await stack.setCertificate(0, goodCertificate());
        const { stdout, stderr, code } = await stack.preview("--diff");
        expect([code, stderr]).toEqual([0, ""]);
        expect(stdout).toContain("+ 4 to create");
        expect(stdout).toMatch(/archive +: \[secret\]/);
        expect(stdout).toContain('derperVersion: "v1.102.5"');
        const [line = "?"] = goodCertificate().privateKey.split("\n").slice(1);
        expect(stdout).not.toContain(line);
        // A wall of base64 would hide what changes.
        expect(stdout).not.toMatch(/[A-Za-z0-9+/]{100}/);
    });

    it("reports every problem at once, with commands that mend them, and creates nothing", async () => {
        stack = await EngineStack.create();
        await stack.configure({ ...REGION, regionId: "1", "ports.derp": "0", colour: "red" });
        const first = await stack.preview();
        expect(first.code).not.toBe(0);
        const text = `${first.stdout}${first.stderr}`;
        expect(text).toContain("3 problems in the configuration of stack engine");
        expect(text).toContain("regions[0].regionId must be an integer from 900 to 999");
        expect(text).toContain("regions[0].ports.derp must be an integer from 1 to 65535: got 0");
        expect(text).not.toContain("at Object.");
        const fix =
            /fix: pulumi (config set --stack engine --path 'derp:regions\[0\]\.regionId' 901)/;
        expect(text).toMatch(fix);
    });

    it("accepts the commands that it names as fixes", async () => {
        stack = await EngineStack.create();
        await stack.configure({ ...REGION, regionId: "1", "ports.stun": "0", colour: "red" });
        await stack.setCertificate(0, goodCertificate());
        const { stdout, stderr } = await stack.preview();
        const found = `${stdout}${stderr}`.matchAll(/fix: pulumi (.*)$/gm);
        const fixes = new Set([...found].map(([, command = ""]) => command));
        expect(fixes.size).toBe(3);
        for (const command of fixes) {
            const words = command.replace("--stack engine ", "").match(/'[^']*'|\S+/g) ?? [];
            await stack.pulumi(words.map((word) => word.replaceAll("'", "")));
        }
        expect((await stack.preview()).code).toBe(0);
    });

    it("fault 05: refuses a private key that stands in the file as plain text, unprinted", async () => {
        stack = await EngineStack.create();
        await stack.configure({ ...REGION, "certificate.mode": "provided" });
        await stack.set("[0].certificate.certificate", goodCertificate().certificate);
        await stack.set("[0].certificate.privateKey", goodCertificate().privateKey);
        const { stdout, stderr, code } = await stack.preview();
        expect(code).not.toBe(0);
        expect(`${stdout}${stderr}`).toContain(
            "regions[0].certificate.privateKey must be encrypted",
        );
        const [line = "?"] = goodCertificate().privateKey.split("\n").slice(1);
        expect(`${stdout}${stderr}`).not.toContain(line);
    });

    it("is clean for Pulumi.prod.yaml, with regions in both clouds", async () => {
        stack = await EngineStack.create({ stackFile: join(PROJECT_FOLDER, "Pulumi.prod.yaml") });
        const { stdout, stderr, code } = await stack.preview("--diff");
        expect([code, stderr]).toEqual([0, ""]);
        expect(stdout).toContain("+ 41 to create");
        expect(stdout).toContain('regionName   : "Shanghai"');
        expect(stdout).not.toContain("warning");
    });

    it("names the variables when the credentials of the clouds are missing", async () => {
        const none = Object.fromEntries(
            [
                ...["ALICLOUD_ACCESS_KEY", "ALICLOUD_SECRET_KEY"],
                ...["TENCENTCLOUD_SECRET_ID", "TENCENTCLOUD_SECRET_KEY"],
            ].map((name) => [name, ""]),
        );
        const stackFile = join(PROJECT_FOLDER, "Pulumi.prod.yaml");
        stack = await EngineStack.create({ stackFile, env: { ...none, HOME: "/nonexistent" } });
        const { stdout, stderr, code } = await stack.preview();
        expect(code).not.toBe(0);
        const text = `${stdout}${stderr}`;
        expect(text).toContain("3 problems in the configuration of stack engine");
        expect(text).toContain("fix: export ALICLOUD_ACCESS_KEY=… ALICLOUD_SECRET_KEY=…");
        expect(text).toContain(
            "regions[1].dns.credentials must be given, or be in the environment",
        );
    });
});
