import { renderSshUserData } from "../../components/cloud-init/user-data";
import { FOLDER_VARIABLE } from "../plugins/cloud/store";
import { EngineStack, FAKE_MACHINES } from "../support/engine-stack";
import { makeKey } from "./plugins/support/ssh-server";
import { addressBound, addressUnbound, instanceCreated } from "./support/fake-machines";

jest.setTimeout(30 * 60_000);

/** A resource of the region in a diff; those that do not depend on each other come in any order. */
const RESOURCE = /^ {8}(?=\S).*: \([\w[\]]+\)$/;

/** Sorts the resources of a diff by their text. */
function sorted(lines: readonly string[]): string[] {
    const first = lines.findIndex((line) => RESOURCE.test(line));
    const end = lines.findIndex(
        (line, index) => index > first && /^(Resources:| {4}\S)/.test(line),
    );
    if (first === -1) return [...lines];
    const resources: string[][] = [];
    for (const line of lines.slice(first, end)) {
        if (RESOURCE.test(line)) resources.push([]);
        resources.at(-1)?.push(line);
    }
    const texts = resources.map((resource) => resource.join("\n"));
    return [...lines.slice(0, first), ...texts.toSorted(), ...lines.slice(end)];
}

/** Takes out what differs from run to run, or only says again which resource it is. */
function normalize(diff: string): string {
    // The engine says that it is still at work where it is slow.
    const left = /^ *\[(urn|provider|id)[=:]|^@ previewing update/;
    const lines = diff.split("\n").filter((line) => !left.test(line));
    return (
        sorted(lines)
            .join("\n")
            // Names that a cloud or a key made up.
            .replaceAll(/"([a-z]{1,8})-(?=[a-z]*\d)[0-9a-z]{8,}(:[^"]*)?"/g, '"$1-…"')
            .replaceAll(/"([a-z]+)[0-9a-f]{8}"/g, '"$1…"')
            .replaceAll(/"-----BEGIN [^"]*"/g, "<pem>")
            .replaceAll(/"ssh-\w+ [^"]*"/g, "<key>")
            .replaceAll(/"\d{4}-\d\d-\d\dT[^"]*Z"/g, "<time>")
            .replaceAll(/derp_[0-9a-f]{16}/g, "derp_…")
            .replaceAll(/\b[0-9a-f]{32}\b/g, "<md5>")
            .replaceAll(/\b[0-9a-f]{64}\b/g, "<sha256>")
    );
}

const VERIFY = { "verify.mode": "url", "verify.url": "https://headscale.example.com/verify" };
const ALICLOUD = {
    ...{ name: "shanghai", regionId: "901", ...VERIFY },
    ...{ "place.driver": "alicloud", "place.zone": "cn-shanghai-b" },
};
const TENCENTCLOUD = {
    ...{ name: "guangzhou", regionId: "902", ...VERIFY },
    ...{ "place.driver": "tencentcloud", "place.zone": "ap-guangzhou-3" },
};
const SSH = { "place.ssh.allowFrom[0]": "203.0.113.7/32" };
/** A server that somebody has, on loopback. */
const SERVER = { instanceId: "i-rented", address: "127.0.77.4" };

/** What a user changes: its name, the key, the new value and the old one. */
type Change = readonly [name: string, key: string, value: string, old: string];

const VERSION: Change = ["version", "derperVersion", "v1.102.4", "v1.102.5"];
const PORT: Change = ["port", "ports.derp", "8443", "443"];
const AT_ALICLOUD: readonly Change[] = [
    ["size", "place.instanceType", "ecs.t6-c1m2.large", "ecs.t6-c1m1.large"],
    ["region", "place.zone", "cn-hangzhou-h", "cn-shanghai-b"],
];
const AT_TENCENTCLOUD: readonly Change[] = [
    ["size", "place.instanceType", "S5.SMALL2", "S5.SMALL1"],
    ["region", "place.zone", "ap-shanghai-2", "ap-guangzhou-3"],
];

/** Most characters of a line that a terminal shows without hiding what is next to it. */
const LONGEST_LINE = 200;

describe("pulumi preview --diff", () => {
    let stack: EngineStack;

    beforeEach(async () => {
        stack = await EngineStack.create({ env: FAKE_MACHINES });
    });

    const up = async () => {
        const { code, stdout, stderr } = await stack.up();
        expect([code, stderr, code === 0 ? "" : stdout]).toEqual([0, "", ""]);
    };

    /** Previews one change, and takes it back. */
    const preview = async (key: string, value: string, old: string) => {
        await stack.set(`[0].${key}`, value);
        const { code, stdout, stderr } = await stack.preview("--diff");
        await stack.set(`[0].${key}`, old);
        expect([code, stderr]).toEqual([0, ""]);
        expect(stdout).not.toMatch(/[A-Za-z0-9+/]{100}/);
        expect(stdout).not.toContain("PRIVATE KEY");
        const lines = normalize(stdout).split("\n");
        expect(lines.filter(({ length }) => length > LONGEST_LINE)).toEqual([]);
        return lines.join("\n");
    };

    afterEach(async () => {
        await stack.remove();
    });

    it.each([
        ["Alibaba Cloud", { ...ALICLOUD, ...SSH }, [VERSION, PORT, ...AT_ALICLOUD]],
        ["Alibaba Cloud, without SSH", ALICLOUD, [VERSION, PORT, ...AT_ALICLOUD]],
        ["Tencent Cloud", { ...TENCENTCLOUD, ...SSH }, [VERSION, PORT, ...AT_TENCENTCLOUD]],
        ["Tencent Cloud, without SSH", TENCENTCLOUD, [VERSION, PORT, ...AT_TENCENTCLOUD]],
    ] as const)("reads like what was changed at %s", async (_place, region, changes) => {
        await stack.configure(region);
        await up();
        for (const [name, ...change] of changes) {
            expect(await preview(...change)).toMatchSnapshot(name);
        }
    });

    it("reads like what was changed on a server", async () => {
        const [host, login] = [makeKey(), makeKey()];
        await stack.configure({
            ...{ name: "chengdu", regionId: "903", ...VERIFY },
            ...{ "place.driver": "server", "place.address": SERVER.address },
            "place.hostKey": host.publicKey.trim(),
        });
        await stack.set("[0].place.privateKey", login.privateKey, "--secret");
        process.env[FOLDER_VARIABLE] = stack.folder;
        const userData = renderSshUserData(host.privateKey, login.publicKey.trim());
        await instanceCreated({ id: SERVER.instanceId, cloud: "", userData });
        await addressBound(SERVER);
        await up();
        for (const [name, ...change] of [VERSION, PORT]) {
            expect(await preview(...change)).toMatchSnapshot(name);
        }
        await addressUnbound(SERVER);
    });
});
