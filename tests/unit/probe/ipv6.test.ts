import dgram, { type Socket } from "node:dgram";
import { EventEmitter } from "node:events";

import { parseRegionId } from "../../../components/derp-map/region-id";
import { probeDerp } from "../../../components/probe/derp";
import { ipv6Of, overIpv6 } from "../../../components/probe/ipv6";
import type { ProbeResult } from "../../../components/probe/probe";
import { probeStun } from "../../../components/probe/stun";
import { makeCertificate } from "../../support/certificates";
import { startFakeRelay, startFakeStun } from "../../support/fake-relay";

const NODE = {
    Name: "900a",
    RegionID: parseRegionId(900),
    HostName: "127.0.0.1",
    IPv4: "127.0.0.1",
    IPv6: "2001:db8::7",
};
const GOOD = { ok: true, detail: "fine" } as const;
const BAD = { ok: false, reason: "broken" } as const;

/** What the kernel says to a connection to the relay: where it would come from, or why there is none. */
function setKernel(answer: { readonly source: string } | { readonly code: string }): void {
    jest.spyOn(dgram, "createSocket").mockImplementation(() => {
        const connect = () => {
            setImmediate(() => {
                if ("source" in answer) socket.emit("connect");
                else socket.emit("error", Object.assign(new Error(), answer));
            });
        };
        const address = () => ({ address: "source" in answer ? answer.source : "" });
        const socket = Object.assign(new EventEmitter(), { connect, address, close: jest.fn() });
        return socket as unknown as Socket;
    });
}

describe("overIpv6()", () => {
    afterEach(() => {
        jest.restoreAllMocks();
    });

    const ask = async (result: ProbeResult) => {
        const probe = jest.fn(() => Promise.resolve(result));
        return { result: await overIpv6(probe)(NODE, 100), probe };
    };

    it.each(["ENETUNREACH", "EADDRNOTAVAIL", "EAFNOSUPPORT"])(
        "says that a computer has no IPv6 when its kernel says %s, and asks nothing",
        async (code) => {
            setKernel({ code });
            const { result, probe } = await ask(BAD);
            expect(result).toEqual({
                ok: true,
                skipped: true,
                detail: `this computer has no IPv6 (${code})`,
            });
            expect(probe).not.toHaveBeenCalled();
        },
    );

    it("takes the kernel's word: it knows no way to a link without its name", async () => {
        const probe = overIpv6(() => Promise.resolve(BAD));
        expect(await probe({ ...NODE, IPv6: "fe80::7" }, 100)).toEqual({
            ok: true,
            skipped: true,
            detail: "this computer has no IPv6 (EINVAL)",
        });
    });

    it("asks at the relay's IPv6 address, and says that it did when that fails", async () => {
        setKernel({ source: "2001:db8::1" });
        const { result, probe } = await ask(BAD);
        expect(probe).toHaveBeenCalledWith(NODE, 100, "2001:db8::7");
        expect(result).toEqual({ ok: false, reason: "over IPv6: broken" });
        expect((await ask(GOOD)).result).toEqual(GOOD);
    });

    it("blames a private address of this computer, unless it does for the internet", async () => {
        setKernel({ source: "fd00::2" });
        expect((await ask(BAD)).result).toEqual({
            ok: true,
            skipped: true,
            detail: "this computer has only a private IPv6 address (fd00::2)",
        });
        expect((await ask(GOOD)).result).toEqual(GOOD);
    });

    it("has nothing to ask of a relay without an IPv6 address", async () => {
        const probe = overIpv6(() => Promise.resolve(BAD));
        const detail = "the relay has no IPv6 address";
        expect(await probe({ ...NODE, IPv6: "none" }, 100)).toEqual({ ok: true, detail });
    });
});

describe("ipv6Of()", () => {
    it("is the address that clients dial, and none where they are not to try", () => {
        const { IPv6, ...rest } = NODE;
        expect(ipv6Of(NODE)).toBe(IPv6);
        expect(ipv6Of({ ...NODE, IPv6: "none" })).toBeUndefined();
        expect(ipv6Of(rest)).toBeUndefined();
    });
});

describe("the probes at an IPv6 address", () => {
    it("log in to a relay that listens there only", async () => {
        const pair = makeCertificate({ name: "IP:127.0.0.1" });
        const relay = await startFakeRelay(pair, "admits", { address: "::1" });
        const result = await probeDerp(relay.node, 2000, "::1");
        await relay.close();
        expect(result).toEqual({
            ok: true,
            detail: "handshake done; any client may use the relay",
        });
    });

    it("name the address of a STUN server that is silent", async () => {
        const server = await startFakeStun(() => undefined, { address: "::1" });
        const { port } = server;
        const result = await probeStun({ ...NODE, STUNPort: port }, 300, "::1");
        server.close();
        expect(result).toEqual({
            ok: false,
            reason: `no STUN reply from [::1]:${String(port)}/udp within 0.1 s`,
        });
    });
});
