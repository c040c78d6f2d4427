import { createServer as createHttpServer } from "node:http";
import { createSocket } from "node:dgram";
import { type AddressInfo, isIPv6, type Socket } from "node:net";
import type { Duplex } from "node:stream";
import { createServer as createTlsServer } from "node:tls";

import nacl from "tweetnacl";

import { parseCertificate, pinOf } from "../../components/certificates/certificate";
import { parseRegionId } from "../../components/derp-map/region-id";
import type { DerpNode } from "../../components/derp-map/types";
import type { PemPair } from "./certificates";

/** How a fake relay treats whoever shakes hands with it. */
export type Manner =
    "admits" | "refuses" | "seals with another key" | "talks garbage" | "sends a huge frame";

/** Where a fake listens; on a free port of 127.0.0.1 when nothing is said. */
interface Listener {
    readonly address?: string;
    readonly port?: number;
}

/** What else of a relay can be chosen. */
interface FakeRelayOptions extends Listener {
    /** Its home page; one like derper's own when nothing is said. */
    readonly page?: string;
}

/** A relay for tests: real TLS and the real DERP greeting, and every bad manner that is wanted. */
export interface FakeRelay {
    readonly node: DerpNode;
    close(): Promise<void>;
}

/**
 * Starts a fake relay on loopback.
 *
 * @param pair Certificate and key that it shows.
 * @param manner How it treats clients.
 * @param options Where it listens, and what it shows.
 * @returns The relay.
 */
export async function startFakeRelay(
    pair: PemPair,
    manner: Manner = "admits",
    { address = "127.0.0.1", port = 0, page = "<h1>DERP</h1>" }: FakeRelayOptions = {},
): Promise<FakeRelay> {
    const http = createHttpServer((request, response) => {
        response.statusCode = request.url === "/missing" ? 404 : 200;
        response.end(page);
    });
    http.on("upgrade", (_request, socket) => {
        greet(socket, manner);
    });
    const server = createTlsServer({ cert: pair.certificate, key: pair.privateKey }, (socket) => {
        http.emit("connection", socket);
    });
    server.on("tlsClientError", () => undefined);
    // Also those whose handshake has not ended.
    const open = new Set<Socket>();
    server.on("connection", (socket: Socket) => open.add(socket));
    await new Promise<void>((resolve) => server.listen(port, address, resolve));
    const leaf = parseCertificate(pair.certificate)?.leaf;
    return {
        node: {
            Name: "900a",
            RegionID: parseRegionId(900),
            HostName: "127.0.0.1",
            IPv4: "127.0.0.1",
            CertName: leaf === undefined ? "" : pinOf(leaf),
            DERPPort: (server.address() as AddressInfo).port,
        },
        close: () =>
            new Promise((resolve) => {
                for (const socket of open) socket.destroy();
                server.close(() => {
                    resolve();
                });
            }),
    };
}

function greet(socket: Duplex, manner: Manner): void {
    socket.on("error", () => undefined);
    socket.write(
        "HTTP/1.1 101 Switching Protocols\r\nUpgrade: DERP\r\nConnection: Upgrade\r\n\r\n",
    );
    if (manner === "talks garbage") {
        socket.write(frame(0x01, Buffer.alloc(40, 7)));
        return;
    }
    if (manner === "sends a huge frame") {
        socket.write(Buffer.from([0x01, 0xff, 0xff, 0xff, 0xff]));
        return;
    }
    const ours = nacl.box.keyPair();
    socket.write(frame(0x01, Buffer.concat([Buffer.from("DERP🔑"), ours.publicKey])));
    socket.once("data", (data: Buffer) => {
        if (manner === "refuses") {
            socket.end();
            return;
        }
        answer(socket, data, manner === "admits" ? ours : nacl.box.keyPair());
    });
}

/** Opens the client's greeting as derper does, and seals its own. */
function answer(socket: Duplex, data: Buffer, ours: nacl.BoxKeyPair): void {
    const payload = data.subarray(5);
    const theirs = payload.subarray(0, 32);
    const nonce = nacl.randomBytes(24);
    const sealed = nacl.box(Buffer.from('{"version":2}'), nonce, theirs, ours.secretKey);
    socket.write(frame(0x06, Buffer.alloc(0)));
    socket.write(frame(0x03, Buffer.concat([nonce, sealed])));
}

function frame(type: number, payload: Buffer): Buffer {
    const header = Buffer.alloc(5);
    header.writeUInt8(type, 0);
    header.writeUInt32BE(payload.length, 1);
    return Buffer.concat([header, payload]);
}

/** A STUN server for tests. */
export interface FakeStun {
    readonly port: number;
    close(): void;
}

/**
 * Starts a UDP server that answers each packet with whatever a test wants.
 *
 * @param reply Makes the answer; undefined sends none.
 * @param listener Where it listens.
 * @returns The server.
 */
export async function startFakeStun(
    reply: (request: Buffer) => Buffer | undefined,
    { address = "127.0.0.1", port = 0 }: Listener = {},
): Promise<FakeStun> {
    const socket = createSocket(isIPv6(address) ? "udp6" : "udp4");
    socket.on("message", (message, peer) => {
        const packet = reply(message);
        if (packet !== undefined) {
            socket.send(packet, peer.port, peer.address);
        }
    });
    await new Promise<void>((resolve) => {
        socket.bind(port, address, resolve);
    });
    return { port: socket.address().port, close: () => socket.close() };
}

/**
 * Answers a binding request of STUN, after RFC 5769, section 2.2.
 *
 * @param request The request.
 * @returns A binding response that says 192.0.2.1:32853.
 */
export function bindingResponse(request: Buffer): Buffer {
    return Buffer.concat([
        Buffer.from("0101000c2112a442", "hex"),
        request.subarray(8, 20),
        Buffer.from("002000080001a147e112a643", "hex"),
    ]);
}
