import * as fc from "fast-check";

import {
    parseBindingResponse,
    probeStun,
    renderBindingRequest,
} from "../../../components/probe/stun";
import { parseRegionId } from "../../../components/derp-map/region-id";
import { startFakeStun } from "../../support/fake-relay";

const ID = Buffer.from("0123456789ab");
const node = (port: number) => ({
    Name: "900a",
    RegionID: parseRegionId(900),
    HostName: "127.0.0.1",
    IPv4: "127.0.0.1",
    STUNPort: port,
});

/** A binding response that says 192.0.2.1:32853, after RFC 5769, section 2.2. */
const response = (id: Uint8Array): Buffer =>
    Buffer.concat([
        Buffer.from("0101000c2112a442", "hex"),
        id,
        Buffer.from("002000080001a147e112a643", "hex"),
    ]);

describe("renderBindingRequest()", () => {
    it("is what derper asks of its clients: a name, and a fingerprint at the end", () => {
        // Fingerprint computed with Python: zlib.crc32(packet[:-8]) ^ 0x5354554e.
        expect(renderBindingRequest(ID).toString("hex")).toBe(
            "000100142112a442303132333435363738396162" +
                "802200087461696c6e6f6465" +
                "802800040712306a",
        );
    });
});

describe("parseBindingResponse()", () => {
    it("reads the mapped address", () => {
        expect(parseBindingResponse(response(ID), ID)).toBe("192.0.2.1:32853");
    });

    it("reads an IPv4 address in the form of an IPv6 one, as derper writes it", () => {
        // What derper v1.102.5 answered to 10.90.0.1:50405 and transaction ID 07…07.
        const packet = Buffer.from(
            "010100182112a44207070707070707070707070700200014" +
                "0002e1f72112a442070707070707f8f80d5d0706",
            "hex",
        );
        expect(parseBindingResponse(packet, Buffer.alloc(12, 7))).toBe("10.90.0.1:49381");
    });

    it("reads an IPv6 address", () => {
        // RFC 5769, section 2.3.
        const id = Buffer.from("b7e7a701bc34d686fa87dfae", "hex");
        const packet = Buffer.concat([
            Buffer.from("010100182112a442", "hex"),
            id,
            Buffer.from("002000140002a1470113a9faa5d3f179bc25f4b5bed2b9d9", "hex"),
        ]);
        expect(parseBindingResponse(packet, id)).toBe(
            "[2001:db8:1234:5678:11:2233:4455:6677]:32853",
        );
    });

    it("ignores the answer to another request", () => {
        expect(parseBindingResponse(response(Buffer.alloc(12)), ID)).toBeUndefined();
    });

    it("never throws, whatever arrives", () => {
        fc.assert(
            fc.property(fc.uint8Array({ maxLength: 200 }), (tail) => {
                const packet = Buffer.concat([response(ID).subarray(0, 20), tail]);
                packet.writeUInt16BE(tail.length, 2);
                const found = parseBindingResponse(packet, ID);
                expect(["string", "undefined"]).toContain(typeof found);
            }),
            // An address of no family.
            { examples: [[Uint8Array.from([0, 32, 0, 4, 0, 0, 0, 0])]] },
        );
    });
});

describe("probeStun()", () => {
    it("measures the way to a server that answers", async () => {
        const server = await startFakeStun((request) => response(request.subarray(8, 20)));
        const result = await probeStun(node(server.port), 3000);
        server.close();
        expect(result).toHaveProperty(
            "detail",
            expect.stringMatching(/^STUN reply in \d+\.\d ms; it sees us as 192\.0\.2\.1:32853$/),
        );
    });

    it("asks again when a packet is lost", async () => {
        let asked = 0;
        const server = await startFakeStun((request) => {
            asked += 1;
            return asked === 1 ? undefined : response(request.subarray(8, 20));
        });
        const result = await probeStun(node(server.port), 600);
        server.close();
        expect(result.ok).toBe(true);
    });

    it("is bad when the kernel knows no way there", async () => {
        const relay = { ...node(3478), IPv4: "255.255.255.255" };
        expect(await probeStun(relay, 300)).toEqual({
            ok: false,
            reason: "255.255.255.255:3478/udp: connect EACCES 255.255.255.255:3478",
        });
    });

    it("fault 18: is bad when another program holds the port and stays silent", async () => {
        const server = await startFakeStun(() => Buffer.from("something else"));
        const result = await probeStun(node(server.port), 300);
        server.close();
        expect(result).toEqual({
            ok: false,
            reason: `no STUN reply from 127.0.0.1:${String(server.port)}/udp within 0.1 s`,
        });
    });
});
