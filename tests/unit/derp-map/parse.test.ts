import { parseDerpMap } from "../../../components/derp-map/parse";

const NODE = { Name: "901a", RegionID: 901, HostName: "192.0.2.1", IPv4: "192.0.2.1" };
const map = (node: object) => ({
    Regions: {
        "901": { RegionID: 901, RegionCode: "hgh", RegionName: "Hangzhou", Nodes: [node] },
    },
});

describe("parseDerpMap()", () => {
    it("reads what a stack exports, and the same within a policy", () => {
        expect(parseDerpMap(JSON.stringify(map(NODE)))).toEqual(map(NODE));
        expect(parseDerpMap(JSON.stringify({ acls: [], derpMap: map(NODE) }))).toEqual(map(NODE));
    });

    it.each(["2001:db8::7", "none"])("takes %s for the IPv6 address of a node", (IPv6) => {
        const text = JSON.stringify(map({ ...NODE, IPv6 }));
        expect(parseDerpMap(text)).toEqual(map({ ...NODE, IPv6 }));
    });

    it("refuses an IPv6 address that is none", () => {
        expect(() => parseDerpMap(JSON.stringify(map({ ...NODE, IPv6: "203.0.113.7" })))).toThrow(
            /^the derpMap cannot be used:\n {2}Regions\.901\.Nodes\.0\.IPv6: /,
        );
    });

    it("names every problem with its path", () => {
        const { IPv4, ...rest } = NODE;
        expect(IPv4).toBe("192.0.2.1");
        const text = JSON.stringify(map({ ...rest, RegionID: 1 }));
        expect(() => parseDerpMap(text)).toThrow(
            /^the derpMap cannot be used:\n {2}Regions\.901\.Nodes\.0\.RegionID: .+\n {2}Regions\.901\.Nodes\.0\.IPv4: /,
        );
    });

    it("says what it wants instead of a text that is no JSON", () => {
        expect(() => parseDerpMap("Regions:")).toThrow(
            "the derpMap must be JSON, as npm run --silent derp-map prints it",
        );
    });
});
