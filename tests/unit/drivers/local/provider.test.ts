import { provider } from "../../../../components/drivers/local/provider";

const STATE = {
    machine: "none.unit-test",
    address: "10.90.0.101",
    archive: "",
    digest: "a".repeat(64),
    status: "running",
    boot: "first",
} as const;

describe("provider of the local place", () => {
    const diff = (olds: object, news: object) =>
        provider.diff("id", { ...STATE, ...olds }, { ...STATE, ...news });

    it("changes nothing when nothing changed", async () => {
        expect(await diff({}, {})).toMatchObject({ changes: false, replaces: [] });
    });

    it("changes in place what runs on the machine", async () => {
        expect(await diff({}, { digest: "b" })).toMatchObject({ changes: true, replaces: [] });
    });

    it("starts again a machine that a refresh found stopped, or with another payload", async () => {
        expect(await diff({ status: "stopped" }, {})).toMatchObject({
            changes: true,
            replaces: [],
        });
    });

    it("replaces the machine for another address, the old one first", async () => {
        expect(await diff({}, { address: "10.90.0.102" })).toEqual({
            changes: true,
            replaces: ["address"],
            deleteBeforeReplace: true,
        });
    });

    it("tells a refresh that a machine without its folder is gone", async () => {
        expect(await provider.read("none.unit-test", STATE)).toEqual({});
    });
});
