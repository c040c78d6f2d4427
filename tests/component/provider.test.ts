import { deployRegion, openSecret } from "../support/cloud-regions";

const PLACES = {
    alicloud: { driver: "alicloud", zone: "cn-shanghai-b" },
    tencentcloud: { driver: "tencentcloud", zone: "ap-guangzhou-3" },
};
const ALICLOUD = {
    type: "pulumi:providers:alicloud",
    credentials: { accessKeyId: "LTAI5tExample", accessKeySecret: "hunter2hunter2" },
    asked: { accessKey: "LTAI5tExample", secretKey: "hunter2hunter2" },
};
const TENCENTCLOUD = {
    type: "pulumi:providers:tencentcloud",
    credentials: { secretId: "AKIDExample", secretKey: "hunter2hunter2" },
    asked: { secretId: "AKIDExample", secretKey: "hunter2hunter2" },
};
const DNS = { zone: "example.com" };

describe("the providers of a DerpRegion", () => {
    it.each([
        {
            ...ALICLOUD,
            key: "place.credentials at Alibaba Cloud",
            changes: { place: { ...PLACES.alicloud, credentials: ALICLOUD.credentials } },
            name: "hangzhou.cn-shanghai",
            region: "cn-shanghai",
            user: "alicloud:ecs/instance:Instance",
        },
        {
            ...TENCENTCLOUD,
            key: "place.credentials at Tencent Cloud",
            changes: { place: { ...PLACES.tencentcloud, credentials: TENCENTCLOUD.credentials } },
            name: "hangzhou.ap-guangzhou",
            region: "ap-guangzhou",
            user: "tencentcloud:index/instance:Instance",
        },
        {
            ...ALICLOUD,
            key: "dns.credentials of Alibaba Cloud DNS",
            changes: {
                place: PLACES.alicloud,
                dns: { ...DNS, provider: "alidns", credentials: ALICLOUD.credentials },
            },
            name: "hangzhou.dns",
            region: "cn-hangzhou",
            user: "alicloud:dns/alidnsRecord:AlidnsRecord",
        },
        {
            ...TENCENTCLOUD,
            key: "dns.credentials of DNSPod",
            changes: {
                place: PLACES.tencentcloud,
                dns: { ...DNS, provider: "dnspod", credentials: TENCENTCLOUD.credentials },
            },
            name: "hangzhou.dns",
            region: "ap-guangzhou",
            user: "tencentcloud:index/dnspodRecord:DnspodRecord",
        },
    ])("have $key as secrets, and nobody else has", async ({ changes, ...expected }) => {
        const { type, name, region, user } = expected;
        const { inputsOf, providerOf, list } = await deployRegion({
            hostname: "example.com",
            certificate: { mode: "pinned" },
            ...changes,
        });
        const { region: used, ...secrets } = inputsOf(type, name);
        expect(used).toBe(region);
        const opened = Object.entries(secrets).map(([key, value]) => [key, openSecret(value)]);
        expect(Object.fromEntries(opened)).toEqual(expected.asked);
        expect(providerOf(user)).toBe(`${type} ${name}`);
        const others = list
            .map((line) => line.split(" "))
            .filter(([, resource]) => resource !== name)
            .map(([each = "", resource]) => inputsOf(each, resource));
        expect(JSON.stringify(others)).not.toMatch(/hunter2|LTAI|AKID/);
    });
});
