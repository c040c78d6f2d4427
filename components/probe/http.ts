import { type IncomingMessage, request as requestPlain } from "node:http";
import { request as requestTls } from "node:https";

import type { DerpNode } from "../derp-map/types";
import { STANDARD_PORTS } from "../ports";
import { probing, type ProbeResult, within } from "./probe";
import { connectTls } from "./tls";

/** More than any page of a relay has, in bytes. */
const MOST_BYTES = 65_536;

interface Page {
    readonly status: number;
    readonly body: string;
}

/**
 * Is it derper that answers, and no other web server?
 *
 * @param node The relay.
 * @param timeoutMs Limit in milliseconds.
 * @returns The result.
 */
export function probePage(node: DerpNode, timeoutMs: number): Promise<ProbeResult> {
    return probing(async () => {
        const { status, body } = await getTls(node, "/", timeoutMs);
        // A relay may hide its home page or lead elsewhere; an error is never meant.
        if (status >= 400) {
            return { ok: false, reason: `GET / must succeed: got HTTP ${String(status)}` };
        }
        return { ok: true, detail: `HTTP ${String(status)}, ${describePage(body)}` };
    });
}

/** As `home` chooses. */
function describePage(body: string): string {
    if (body.trim() === "") return "an empty page";
    return body.includes("DERP") ? "derper's home page" : "a page of the relay's own";
}

/**
 * Does the relay answer the HTTPS latency probe of clients without UDP?
 *
 * @param node The relay.
 * @param timeoutMs Limit in milliseconds.
 * @returns The result.
 */
export function probeLatencyPath(node: DerpNode, timeoutMs: number): Promise<ProbeResult> {
    return probing(async () => {
        const { status } = await getTls(node, "/derp/probe", timeoutMs);
        return status === 200
            ? { ok: true, detail: "/derp/probe answers" }
            : { ok: false, reason: `GET /derp/probe must be HTTP 200: got ${String(status)}` };
    });
}

/**
 * Does plain HTTP answer the captive-portal check?
 *
 * @param node The relay.
 * @param timeoutMs Limit in milliseconds.
 * @returns The result.
 */
export function probeCaptivePortal(node: DerpNode, timeoutMs: number): Promise<ProbeResult> {
    return probing(async () => {
        const options = {
            host: node.IPv4,
            port: STANDARD_PORTS.http,
            path: "/generate_204",
            agent: false,
        };
        const { status } = await get((done) => requestPlain(options, done), timeoutMs);
        return status === 204
            ? { ok: true, detail: "/generate_204 answers on port 80" }
            : { ok: false, reason: `GET /generate_204 must be HTTP 204: got ${String(status)}` };
    });
}

async function getTls(node: DerpNode, path: string, timeoutMs: number): Promise<Page> {
    const { socket } = await connectTls(node, timeoutMs);
    // The connection is checked already; another one would not be.
    const headers = { Host: node.HostName };
    const options = { path, headers, createConnection: () => socket };
    try {
        return await get((done) => requestTls(options, done), timeoutMs);
    } finally {
        socket.destroy();
    }
}

function get(
    send: (done: (response: IncomingMessage) => void) => ReturnType<typeof requestPlain>,
    timeoutMs: number,
): Promise<Page> {
    return within<Page>(timeoutMs, "no HTTP answer", (resolve, reject) => {
        const request = send((response) => {
            let body = "";
            response.setEncoding("utf8");
            response.on("data", (chunk: string) => {
                body += chunk;
                if (body.length > MOST_BYTES) request.destroy(new Error("the page is too long"));
            });
            response.on("end", () => {
                resolve({ status: response.statusCode ?? 0, body });
            });
        });
        request.on("error", reject);
        request.end();
    });
}
