import type { TLSSocket } from "node:tls";

import nacl from "tweetnacl";

import type { DerpNode } from "../derp-map/types";
import { ConnectionEnded, FrameReader } from "./frame-reader";
import { probing, type ProbeResult, within } from "./probe";
import { connectTls } from "./tls";

/** @see https://github.com/tailscale/tailscale/blob/v1.102.5/derp/derp.go */
const FRAME = { serverKey: 0x01, clientInfo: 0x02, serverInfo: 0x03 } as const;
const MAGIC = Buffer.from("DERP🔑");
const PROTOCOL_VERSION = 2;
const KEY_BYTES = 32;
const NONCE_BYTES = 24;

/**
 * Can a client log in to the relay? A key that nobody knows is used: a relay that verifies its
 * clients refuses it after it has proven its own key, and that is right.
 *
 * @param node The relay.
 * @param timeoutMs Limit in milliseconds.
 * @param address Address to dial.
 * @returns The result.
 */
export function probeDerp(
    node: DerpNode,
    timeoutMs: number,
    address = node.IPv4,
): Promise<ProbeResult> {
    return probing(async () => {
        const { socket } = await connectTls(node, timeoutMs, address);
        return within<ProbeResult>(
            timeoutMs,
            "the DERP handshake did not end",
            (resolve, reject) => {
                handshake(socket, node.HostName).then(resolve, reject);
            },
            () => socket.destroy(),
        );
    });
}

async function handshake(socket: TLSSocket, host: string): Promise<ProbeResult> {
    const reader = new FrameReader(socket);
    socket.write(
        `GET /derp HTTP/1.1\r\nHost: ${host}\r\nUpgrade: DERP\r\nConnection: Upgrade\r\n\r\n`,
    );
    const status = await reader.readHttpStatus();
    if (status !== 101) {
        return { ok: false, reason: `GET /derp must switch to DERP: got HTTP ${String(status)}` };
    }
    const serverKey = parseServerKey(await reader.readFrame(FRAME.serverKey));
    const ours = nacl.box.keyPair();
    socket.write(renderClientInfo(ours, serverKey));
    const info = await reader.readFrame(FRAME.serverInfo).catch(ended);
    if (info === undefined) {
        return { ok: true, detail: "the relay verifies its clients: a stranger is refused" };
    }
    const nonce = info.subarray(0, NONCE_BYTES);
    const opened = nacl.box.open(info.subarray(NONCE_BYTES), nonce, serverKey, ours.secretKey);
    return opened === null
        ? { ok: false, reason: "the relay's greeting must be sealed with its key: it is not" }
        : { ok: true, detail: "handshake done; any client may use the relay" };
}

function parseServerKey(frame: Buffer): Uint8Array {
    if (frame.length < MAGIC.length + KEY_BYTES || !frame.subarray(0, MAGIC.length).equals(MAGIC)) {
        throw new Error("the server's first frame must be DERP's: it is not");
    }
    return frame.subarray(MAGIC.length, MAGIC.length + KEY_BYTES);
}

function renderClientInfo(ours: nacl.BoxKeyPair, serverKey: Uint8Array): Buffer {
    const nonce = nacl.randomBytes(NONCE_BYTES);
    const info = Buffer.from(JSON.stringify({ version: PROTOCOL_VERSION }));
    const sealed = nacl.box(info, nonce, serverKey, ours.secretKey);
    const payload = Buffer.concat([ours.publicKey, nonce, sealed]);
    const header = Buffer.alloc(5);
    header.writeUInt8(FRAME.clientInfo, 0);
    header.writeUInt32BE(payload.length, 1);
    return Buffer.concat([header, payload]);
}

/** A relay that verifies its clients says nothing to a stranger: it hangs up. */
function ended(error: unknown): undefined {
    if (
        error instanceof ConnectionEnded ||
        (error as NodeJS.ErrnoException).code === "ECONNRESET"
    ) {
        return undefined;
    }
    throw error;
}
