import { randomBytes } from "node:crypto";
import { createSocket } from "node:dgram";
import { isIPv6 } from "node:net";

import type { DerpNode } from "../derp-map/types";
import { shortIpv6 } from "../ipv6-address";
import { probing, type ProbeResult, stunPort, within, withPort } from "./probe";

const BINDING_REQUEST = 0x0001;
const BINDING_RESPONSE = 0x0101;
const COOKIE = 0x2112a442;
const HEADER_BYTES = 20;
const SOFTWARE = 0x8022;
const FINGERPRINT = 0x8028;
const FINGERPRINT_XOR = 0x5354554e;
const XOR_MAPPED_ADDRESS = 0x0020;
/** Derper answers only to clients that name themselves like this. */
const CLIENT_NAME = "tailnode";
/** UDP may lose a packet; so many are sent within the time limit. */
const TRIES = 3;

/**
 * Does the relay answer STUN, and how fast?
 *
 * @param node The relay.
 * @param timeoutMs Limit in milliseconds.
 * @param address Address to ask.
 * @returns The result.
 */
export function probeStun(
    node: DerpNode,
    timeoutMs: number,
    address = node.IPv4,
): Promise<ProbeResult> {
    const target = { address, port: stunPort(node) };
    return probing(async () => {
        for (let left = TRIES; left > 0; left -= 1) {
            try {
                return await askOnce(target, Math.floor(timeoutMs / TRIES));
            } catch (error) {
                if (left === 1) throw error;
            }
        }
        return { ok: false, reason: "no STUN reply" };
    });
}

async function askOnce(
    { address, port }: { readonly address: string; readonly port: number },
    timeoutMs: number,
): Promise<ProbeResult> {
    const where = `${withPort(address, port)}/udp`;
    const socket = createSocket(isIPv6(address) ? "udp6" : "udp4");
    const id = randomBytes(12);
    return within<ProbeResult>(
        timeoutMs,
        `no STUN reply from ${where}`,
        (resolve, reject) => {
            const begun = performance.now();
            socket.on("message", (message) => {
                const mapped = parseBindingResponse(message, id);
                if (mapped !== undefined) {
                    const took = (performance.now() - begun).toFixed(1);
                    resolve({
                        ok: true,
                        detail: `STUN reply in ${took} ms; it sees us as ${mapped}`,
                    });
                }
            });
            socket.once("error", (error) => {
                reject(new Error(`${where}: ${error.message}`));
            });
            // A callback of connect() would be called with its error, too.
            socket.once("connect", () => {
                socket.send(renderBindingRequest(id));
            });
            socket.connect(port, address);
        },
        () => {
            socket.close();
        },
    );
}

/**
 * Renders a binding request as Tailscale's clients send it.
 *
 * @see https://www.rfc-editor.org/rfc/rfc5389
 * @param id Transaction ID, 12 bytes.
 * @returns The packet.
 */
export function renderBindingRequest(id: Uint8Array): Buffer {
    const packet = Buffer.alloc(HEADER_BYTES + 4 + CLIENT_NAME.length + 8);
    packet.writeUInt16BE(BINDING_REQUEST, 0);
    packet.writeUInt16BE(packet.length - HEADER_BYTES, 2);
    packet.writeUInt32BE(COOKIE, 4);
    packet.set(id, 8);
    packet.writeUInt16BE(SOFTWARE, HEADER_BYTES);
    packet.writeUInt16BE(CLIENT_NAME.length, HEADER_BYTES + 2);
    packet.write(CLIENT_NAME, HEADER_BYTES + 4, "latin1");
    const at = packet.length - 8;
    packet.writeUInt16BE(FINGERPRINT, at);
    packet.writeUInt16BE(4, at + 2);
    packet.writeUInt32BE((crc32(packet.subarray(0, at)) ^ FINGERPRINT_XOR) >>> 0, at + 4);
    return packet;
}

/**
 * Reads a binding response.
 *
 * @param packet What arrived.
 * @param id Transaction ID of the request.
 * @returns Our address and port as the relay sees them; undefined when the packet is anything but
 * the answer to the request.
 */
export function parseBindingResponse(packet: Buffer, id: Uint8Array): string | undefined {
    const isAnswer =
        packet.length >= HEADER_BYTES &&
        packet.readUInt16BE(0) === BINDING_RESPONSE &&
        packet.readUInt32BE(4) === COOKIE &&
        packet.subarray(8, HEADER_BYTES).equals(id);
    if (!isAnswer) {
        return undefined;
    }
    const end = Math.min(packet.length, HEADER_BYTES + packet.readUInt16BE(2));
    for (let at = HEADER_BYTES; at + 4 <= end;) {
        const length = packet.readUInt16BE(at + 2);
        const value = packet.subarray(at + 4, Math.min(at + 4 + length, end));
        if (packet.readUInt16BE(at) === XOR_MAPPED_ADDRESS && isAddress(value)) {
            return unmask(value, id);
        }
        at += 4 + Math.ceil(length / 4) * 4;
    }
    return undefined;
}

const FAMILY_BYTES: Readonly<Record<number, number>> = { 1: 4, 2: 16 };
/** How an IPv4 address begins when it is written as an IPv6 one, as derper does. */
const MAPPED_IPV4 = Buffer.from("00000000000000000000ffff", "hex");

/** Whether a value of XOR-MAPPED-ADDRESS is as long as its family wants. */
function isAddress(value: Buffer): boolean {
    return value.length >= 4 && value.length - 4 === FAMILY_BYTES[value.readUInt8(1)];
}

function unmask(value: Buffer, id: Uint8Array): string {
    const port = value.readUInt16BE(2) ^ (COOKIE >>> 16);
    const mask = Buffer.alloc(16);
    mask.writeUInt32BE(COOKIE);
    mask.set(id, 4);
    const address = Buffer.from(value.subarray(4).map((byte, index) => byte ^ (mask[index] ?? 0)));
    const isMapped = MAPPED_IPV4.equals(address.subarray(0, MAPPED_IPV4.length));
    if (address.length === 4 || isMapped) {
        return `${address.subarray(-4).join(".")}:${String(port)}`;
    }
    const groups = address.toString("hex").match(/.{4}/g) ?? [];
    return withPort(shortIpv6(groups.join(":")), port);
}

/** Node has one from 20.15 on; this project starts at 20.0. */
function crc32(bytes: Uint8Array): number {
    let sum = 0xffffffff;
    for (const byte of bytes) {
        sum ^= byte;
        for (let bit = 0; bit < 8; bit += 1) {
            sum = (sum >>> 1) ^ (sum & 1 ? 0xedb88320 : 0);
        }
    }
    return ~sum >>> 0;
}
