import { EngineStack, FAKE_MACHINES, NO_MACHINE } from "../support/engine-stack";

jest.setTimeout(30 * 60_000);

/** A resource of the region in a diff; those that do not depend on each other come in any order. */
const RESOURCE = /^ {8}(?=\S).*: \(\w+\)$/;

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
            .replaceAll(/"-----BEGIN [^"]*"/g, "<pem>")
            .replaceAll(/"\d{4}-\d\d-\d\dT[^"]*Z"/g, "<time>")
            .replaceAll(/derp_[0-9a-f]{16}/g, "derp_…")
            .replaceAll(/\b[0-9a-f]{32}\b/g, "<md5>")
            .replaceAll(/\b[0-9a-f]{64}\b/g, "<sha256>")
    );
}

describe("pulumi preview --diff", () => {
    let stack: EngineStack;
    let flags: readonly string[];

    const start = async (region: Readonly<Record<string, string>>) => {
        const hasSsh = region["place.ssh.allowFrom[0]"] !== undefined;
        flags = hasSsh ? NO_MACHINE : [];
        stack = await EngineStack.create({ env: hasSsh ? {} : FAKE_MACHINES });
        await stack.configure(region);
        const { code, stdout, stderr } = await stack.up(...flags);
        expect([code, stderr, code === 0 ? "" : stdout]).toEqual([0, "", ""]);
    };

    /** Previews one change, and takes it back. */
    const preview = async (key: string, value: string, old: string) => {
        await stack.set(`[0].${key}`, value);
        const { code, stdout, stderr } = await stack.preview("--diff", ...flags);
        await stack.set(`[0].${key}`, old);
        expect([code, stderr]).toEqual([0, ""]);
        expect(stdout).not.toMatch(/[A-Za-z0-9+/]{100}/);
        expect(stdout).not.toContain("PRIVATE KEY");
        return normalize(stdout);
    };

    afterEach(async () => {
        await stack.remove();
    });

    it("reads like what was changed at Alibaba Cloud", async () => {
        await start({
            name: "shanghai",
            regionId: "901",
            "place.driver": "alicloud",
            "place.zone": "cn-shanghai-b",
            "place.ssh.allowFrom[0]": "203.0.113.7/32",
            "verify.mode": "url",
            "verify.url": "https://headscale.example.com/verify",
        });
        expect(await preview("derperVersion", "v1.102.4", "v1.102.5")).toMatchSnapshot("version");
        expect(await preview("ports.derp", "8443", "443")).toMatchSnapshot("port");
        const [small, large] = ["ecs.t6-c1m1.large", "ecs.t6-c1m2.large"];
        expect(await preview("place.instanceType", large, small)).toMatchSnapshot("size");
        expect(await preview("place.zone", "cn-hangzhou-h", "cn-shanghai-b")).toMatchSnapshot(
            "region",
        );
    });

    it("reads like what was changed at Alibaba Cloud, without SSH", async () => {
        await start({
            name: "shanghai",
            regionId: "901",
            "place.driver": "alicloud",
            "place.zone": "cn-shanghai-b",
            "verify.mode": "url",
            "verify.url": "https://headscale.example.com/verify",
        });
        expect(await preview("derperVersion", "v1.102.4", "v1.102.5")).toMatchSnapshot("version");
    });

    it("reads like what was changed at Tencent Cloud, without SSH", async () => {
        await start({
            name: "guangzhou",
            regionId: "902",
            "place.driver": "tencentcloud",
            "place.zone": "ap-guangzhou-3",
            "verify.mode": "url",
            "verify.url": "https://headscale.example.com/verify",
        });
        expect(await preview("derperVersion", "v1.102.4", "v1.102.5")).toMatchSnapshot("version");
        expect(await preview("ports.derp", "8443", "443")).toMatchSnapshot("port");
        expect(await preview("place.instanceType", "S5.SMALL2", "S5.SMALL1")).toMatchSnapshot(
            "size",
        );
        expect(await preview("place.zone", "ap-shanghai-2", "ap-guangzhou-3")).toMatchSnapshot(
            "region",
        );
    });
});
