import { mkdtempSync, readFileSync, writeFileSync } from "node:fs";
import { rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { HOOKS_VARIABLE } from "../../plugins/cloud/hooks";
import { createProvider } from "../../plugins/terraform-provider/provider";
import { ProviderDriver } from "./support/provider-driver";

const HOOKS = [
    ...["instanceCreated", "instanceDeleted", "addressBound", "addressUnbound"],
    ...["firewallChanged", "recordChanged"],
];

function token(kind: string): string {
    return `tencentcloud:index/${kind.charAt(0).toLowerCase()}${kind.slice(1)}:${kind}`;
}

describe("the hooks of the stand-ins", () => {
    let folder: string;
    let cloud: ProviderDriver;

    beforeEach(() => {
        folder = mkdtempSync(join(tmpdir(), "derp-relay-hooks-"));
        const log = JSON.stringify(join(folder, "calls.jsonl"));
        const functions = HOOKS.map(
            (name) =>
                `exports.${name} = async (args) => fs.appendFileSync(${log}, JSON.stringify(["${name}", args]) + "\\n");`,
        );
        const module = join(folder, "hooks.cjs");
        writeFileSync(module, ['const fs = require("node:fs");', ...functions].join("\n"));
        process.env[HOOKS_VARIABLE] = module;
        cloud = new ProviderDriver(createProvider, {
            ...{ region: "ap-shanghai", secretId: "test-a", secretKey: "secret" },
        });
    });

    afterEach(async () => {
        Reflect.deleteProperty(process.env, HOOKS_VARIABLE);
        await cloud.dispose();
        await rm(folder, { recursive: true, force: true });
    });

    function calls(): unknown[] {
        const lines = readFileSync(join(folder, "calls.jsonl"), "utf8").trim().split("\n");
        return lines.map((line) => JSON.parse(line) as unknown);
    }

    it("keeps an object that the world had trouble with, as providers do", async () => {
        const module = join(folder, "trouble.cjs");
        writeFileSync(module, 'exports.recordChanged = async () => { throw new Error("no"); };');
        process.env[HOOKS_VARIABLE] = module;
        const record = { domain: "example.com", subDomain: "relay", recordType: "A" };
        const line = { ...record, recordLine: "默认", value: "198.51.100.1" };
        const made = cloud.create(token("DnspodRecord"), line);
        await expect(made).rejects.toMatchObject({
            message: "no",
            id: expect.stringMatching(/./) as string,
            inputs: line,
        });
    });

    it("tells of a machine, its address, its firewall and its name, in order", async () => {
        const group = await cloud.create(token("SecurityGroup"), {});
        const id = await cloud.create(token("Instance"), {
            ...{ availabilityZone: "ap-shanghai-5", imageId: "img-487zeit5" },
            ...{ instanceType: "S5.SMALL2", orderlySecurityGroups: [group], userDataRaw: "#!" },
        });
        const eipId = await cloud.create(token("Eip"), {});
        await cloud.create(token("EipAssociation"), { eipId, instanceId: id });
        const rule = { action: "ACCEPT", protocol: "UDP", port: "3478", cidrBlock: "0.0.0.0/0" };
        const rules = { securityGroupId: group, ingresses: [rule] };
        await cloud.create(token("SecurityGroupRuleSet"), rules);
        const record = { domain: "example.com", subDomain: "relay", recordType: "A" };
        const value = "198.51.100.1";
        const line = { ...record, recordLine: "默认", value };
        const recordId = await cloud.create(token("DnspodRecord"), line);
        await cloud.delete(token("DnspodRecord"), recordId);
        await cloud.delete(token("Instance"), id);
        const name = { name: "relay.example.com", type: "A" };
        const port = { fromPort: 3478, toPort: 3478, cidr: "0.0.0.0/0", action: "accept" };

        expect(calls()).toMatchObject([
            ["instanceCreated", { id, cloud: "tencentcloud", userData: "#!" }],
            // A group without a rule lets nothing through, not even out.
            ["firewallChanged", { instanceId: id, rules: [] }],
            ["addressBound", { instanceId: id, address: value }],
            [
                "firewallChanged",
                { instanceId: id, rules: [{ direction: "ingress", protocol: "udp", ...port }] },
            ],
            ["recordChanged", { ...name, value }],
            ["recordChanged", name],
            ["addressUnbound", { instanceId: id, address: value }],
            ["instanceDeleted", { id }],
        ]);
    });
});
