import type { X509Certificate } from "node:crypto";
import { isIP } from "node:net";
import { checkServerIdentity, connect, type TLSSocket } from "node:tls";

import { pinOf } from "../certificates/certificate";
import type { DerpNode } from "../derp-map/types";
import { derpPort, probing, type ProbeResult, within } from "./probe";

const PIN = "sha256-raw:";
const DAY = 24 * 60 * 60 * 1000;
/** With fewer days left, somebody should look at the renewal. */
const WARN_DAYS = 30;

/** A connection whose certificate was checked. */
export interface CheckedConnection {
    /** The connection; whoever asked for it closes it. */
    readonly socket: TLSSocket;
    /** The relay's own certificate. */
    readonly peer: X509Certificate;
}

/**
 * Opens a TLS connection to a relay the way Tailscale's clients do: to its address, with the host
 * name as SNI unless it is an address, and with the chain or the pin checked.
 *
 * @see https://github.com/tailscale/tailscale/blob/v1.102.5/net/tlsdial/tlsdial.go
 * @param node The relay.
 * @param timeoutMs Limit in milliseconds.
 * @param address Address to dial.
 * @returns The connection and its certificate.
 * @throws {Error} If there is none, or the certificate is not the right one.
 */
export async function connectTls(
    node: DerpNode,
    timeoutMs: number,
    address = node.IPv4,
): Promise<CheckedConnection> {
    const pinned = node.CertName?.startsWith(PIN) === true;
    const socket = connect({
        host: address,
        port: derpPort(node),
        ...(isIP(node.HostName) === 0 ? { servername: node.HostName } : {}),
        rejectUnauthorized: !pinned,
        checkServerIdentity: (_host, certificate) =>
            checkServerIdentity(node.HostName, certificate),
    });
    try {
        await within(timeoutMs, "no TLS handshake", (resolve: (value: unknown) => void, reject) => {
            socket.once("secureConnect", resolve);
            socket.once("error", reject);
        });
        // Node gives it away once: a second call finds none.
        const peer = peerOf(socket);
        if (pinned) {
            assertPinned(peer, node.CertName ?? "");
        }
        return { socket, peer };
    } catch (error) {
        socket.destroy();
        throw error;
    }
}

/**
 * Does the relay show the certificate that its clients expect, and for how long?
 *
 * @param node The relay.
 * @param timeoutMs Limit in milliseconds.
 * @returns The result; a warning when few days are left.
 */
export function probeTls(node: DerpNode, timeoutMs: number): Promise<ProbeResult> {
    return probing(async () => {
        const { socket, peer } = await connectTls(node, timeoutMs);
        const how = node.CertName?.startsWith(PIN) === true ? "pinned" : "trusted";
        const expires = new Date(peer.validTo);
        const days = Math.floor((expires.getTime() - Date.now()) / DAY);
        socket.destroy();
        return {
            ok: true,
            detail: `certificate is ${how}, ${String(days)} days left`,
            warning: days < WARN_DAYS,
            expires,
        };
    });
}

function peerOf(socket: TLSSocket): X509Certificate {
    const peer = socket.getPeerX509Certificate();
    if (peer === undefined) {
        throw new Error("the relay shows no certificate");
    }
    return peer;
}

/** With a pin, clients check the hash and the dates, and no chain. */
function assertPinned(peer: X509Certificate, pin: string): void {
    const found = pinOf(peer);
    if (found !== pin.toLowerCase()) {
        throw new Error(`the relay's certificate must be ${pin}: got ${found}`);
    }
    if (Date.now() > new Date(peer.validTo).getTime()) {
        throw new Error(`the relay's certificate has expired on ${peer.validTo}`);
    }
    if (Date.now() < new Date(peer.validFrom).getTime()) {
        throw new Error(`the relay's certificate is not valid before ${peer.validFrom}`);
    }
}
