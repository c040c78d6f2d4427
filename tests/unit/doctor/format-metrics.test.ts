import { parseRegionId } from "../../../components/derp-map/region-id";
import { formatMetrics } from "../../../scripts/doctor/format-metrics";

const regionId = parseRegionId(901);
const node = { Name: "901a", RegionID: regionId, HostName: "192.0.2.1", IPv4: "192.0.2.1" };
const relay = { regionId, regionCode: "hgh", node };
const tls = {
    check: "tls-certificate",
    status: "warn",
    detail: "7 days left",
    expires: "2027-01-01T00:00:00.000Z",
} as const;

const valuesOf = async (...args: Parameters<typeof formatMetrics>) =>
    (await formatMetrics(...args)).split("\n").filter((line) => /^[a-z]/.test(line));

describe("formatMetrics()", () => {
    it("tells of each relay whether it is up, of its checks, and when its certificate expires", async () => {
        expect(await valuesOf({ ok: true, relays: [{ ...relay, outcomes: [tls] }] })).toEqual([
            'derp_relay_up{region="hgh",relay="192.0.2.1"} 1',
            'derp_relay_check_up{region="hgh",relay="192.0.2.1",check="tls-certificate"} 1',
            'derp_relay_certificate_expiry_timestamp_seconds{region="hgh",relay="192.0.2.1"} 1798761600',
        ]);
    });

    it("leaves out what was not looked at", async () => {
        const outcomes = [
            { check: "tcp-connects", status: "bad", detail: "refused", advice: "open it" },
            { check: "tls-certificate", status: "skipped", because: "tcp-connects" },
            { check: "stun-over-ipv6", status: "skipped", detail: "this computer has no IPv6" },
        ] as const;
        expect(await valuesOf({ ok: false, relays: [{ ...relay, outcomes }] })).toEqual([
            'derp_relay_up{region="hgh",relay="192.0.2.1"} 0',
            'derp_relay_check_up{region="hgh",relay="192.0.2.1",check="tcp-connects"} 0',
        ]);
    });

    it("says what each one means, as Prometheus wants it", async () => {
        expect(await formatMetrics({ ok: true, relays: [] })).toContain(
            "# HELP derp_relay_up Whether nothing is bad, seen from outside.\n# TYPE derp_relay_up gauge\n",
        );
    });
});
