import { pinOf, parseCertificate } from "../../../components/certificates/certificate";
import { toEntry } from "../../../components/derp-map/entry";
import { parseRegionId } from "../../../components/derp-map/region-id";
import { goodCertificate } from "../../support/region";

const settings = {
    regionId: parseRegionId(901),
    regionCode: "hgh",
    regionName: "Hangzhou",
    ports: { derp: 443, stun: 3478, http: 80 },
    certificate: goodCertificate().certificate,
};
const leaf = parseCertificate(settings.certificate)?.leaf;

describe("toEntry()", () => {
    it("pins a self-signed certificate and leaves out standard ports", () => {
        expect(toEntry(settings, { ipv4: "203.0.113.7" })).toEqual({
            RegionID: 901,
            RegionCode: "hgh",
            RegionName: "Hangzhou",
            Nodes: [
                {
                    Name: "901a",
                    RegionID: 901,
                    HostName: "203.0.113.7",
                    CertName: leaf === undefined ? "" : pinOf(leaf),
                    IPv4: "203.0.113.7",
                    CanPort80: true,
                },
            ],
        });
    });

    it("tells the IPv6 address of a relay that has one", () => {
        const entry = toEntry(settings, { ipv4: "203.0.113.7", ipv6: "2001:db8::7" });
        expect(entry.Nodes).toEqual([
            expect.objectContaining({
                HostName: "203.0.113.7",
                IPv4: "203.0.113.7",
                IPv6: "2001:db8::7",
            }),
        ]);
    });

    it("asks clients to have their home elsewhere", () => {
        expect(
            toEntry({ ...settings, noMeasureNoHome: true }, { ipv4: "203.0.113.7" }),
        ).toMatchObject({
            NoMeasureNoHome: true,
        });
    });

    it("names the ports that clients would not guess, and the host name", () => {
        const ports = { derp: 8443, stun: 3479, http: -1 };
        const entry = toEntry(
            { ...settings, ports, hostname: "hgh.example.com" },
            { ipv4: "203.0.113.7" },
        );
        expect(entry.Nodes).toEqual([
            expect.objectContaining({
                HostName: "hgh.example.com",
                DERPPort: 8443,
                STUNPort: 3479,
            }),
        ]);
        expect(entry.Nodes[0]).not.toHaveProperty("CanPort80");
    });
});
