import {
    decodeUserData,
    type DeployedRegion,
    deployRegion,
    PLACES,
} from "../support/cloud-regions";

const { SSH, ALICLOUD, TENCENTCLOUD, SERVER } = PLACES;
const COMMAND = "command:remote:Command";
const INSTANCES = {
    alicloud: "alicloud:ecs/instance:Instance",
    tencentcloud: "tencentcloud:index/instance:Instance",
};
/** What unpacks a payload, wherever it comes from. */
const UNPACK = "gzip -dc";

/** Exactly one payload, after exactly one wait. */
function expectWaitFirst(script: unknown): void {
    const [before = "", after = "", ...more] = String(script).split("cloud-init status --wait");
    expect(more).toEqual([]);
    expect(before).not.toContain(UNPACK);
    expect(after.split(UNPACK)).toHaveLength(2);
}

/** The script that user data brings, and that the connection only names. */
function firstInstall({ inputsOf }: DeployedRegion, driver: keyof typeof INSTANCES): string {
    const document = decodeUserData(inputsOf(INSTANCES[driver]).userData);
    const { write_files: files } = JSON.parse(document.replaceAll(/^#.*\n/gm, "")) as {
        readonly write_files: readonly { readonly path: string; readonly content: string }[];
    };
    const { create } = inputsOf(COMMAND);
    const named = files.filter(({ path }) => String(create).endsWith(`sh ${path}`));
    expect(named).toHaveLength(1);
    return named.map(({ content }) => content).join("");
}

describe("what installs a relay waits for cloud-init, which has the machine's files", () => {
    it.each([
        ["at Alibaba Cloud", { ...ALICLOUD, ssh: SSH }],
        ["at Tencent Cloud", { ...TENCENTCLOUD, ssh: SSH }],
        ["at Tencent Cloud with IPv6", { ...TENCENTCLOUD, ssh: SSH, ipv6: true }],
        ["on a server", SERVER],
        ["on a server, as another user", { ...SERVER, user: "ubuntu" }],
    ])("over SSH, at first and later, %s", async (_, place) => {
        const { create, update } = (await deployRegion({ place })).inputsOf(COMMAND);
        expectWaitFirst(create);
        expect(update).toBe(create);
    });

    it.each([
        ["at Alibaba Cloud", ALICLOUD, "alicloud", undefined],
        ["at Tencent Cloud", TENCENTCLOUD, "tencentcloud", undefined],
        ["at Tencent Cloud with IPv6", { ...TENCENTCLOUD, ipv6: true }, "tencentcloud", undefined],
        ["at Tencent Cloud with certbot", TENCENTCLOUD, "tencentcloud", { mode: "certbot" }],
    ] as const)("at the first boot, %s", async (_, place, driver, certificate) => {
        const hostname = certificate && "relay.example.com";
        const region = await deployRegion({ place, hostname, certificate });
        expectWaitFirst(firstInstall(region, driver));
        // Later, the connection runs nothing.
        expect(region.inputsOf(COMMAND)).not.toHaveProperty("update");
        expect(String(region.inputsOf(COMMAND).create)).not.toContain(UNPACK);
    });

    it("through Cloud Assistant", async () => {
        const { inputsOf } = await deployRegion({ place: ALICLOUD });
        const command = "alicloud:ecs/command:Command";
        expectWaitFirst(decodeUserData(inputsOf(command).commandContent));
        const store = decodeUserData(inputsOf(command, "hangzhou.part").commandContent);
        expect(store).not.toContain(UNPACK);
    });
});
