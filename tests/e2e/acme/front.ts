import { once } from "node:events";
import { readFile } from "node:fs/promises";
import type { IncomingMessage, ServerResponse } from "node:http";
import { createServer, request, type Server } from "node:https";

import type { Pebble } from "./pebble";

/** Paths of pebble. */
const DIRECTORY = "/dir";
const NEW_ORDER = "/order-plz";
const FINALIZE = "/finalize-order/";
const ORDER = "/my-order/";

/** A problem as ACME servers answer with it, see RFC 7807. */
export interface Problem {
    readonly type: string;
    readonly detail: string;
    readonly status: number;
}

/** Makes an ACME server look like the public one: its name, its port, and the path of its directory. */
export class Front {
    /** What every new order is answered with, instead of by the server; undefined lets them pass. */
    public refusal: Problem | undefined;
    #orders = 0;
    readonly #server: Server;
    readonly #pebble: Pebble;
    readonly #authority: Buffer;

    private constructor(server: Server, pebble: Pebble, authority: Buffer) {
        this.#server = server;
        this.#pebble = pebble;
        this.#authority = authority;
        server.on("request", (from: IncomingMessage, to: ServerResponse) => {
            this.#answer(from, to);
        });
    }

    /**
     * Starts it.
     *
     * @param address IPv4 address to listen on.
     * @param pebble Who answers.
     * @returns The front, whoever starts it stops it.
     */
    public static async start(address: string, pebble: Pebble): Promise<Front> {
        const { certificate, privateKey } = pebble.server;
        const server = createServer({
            cert: await readFile(certificate),
            key: await readFile(privateKey),
        });
        server.listen(443, address);
        await once(server, "listening");
        return new Front(server, pebble, await readFile(pebble.authority.certificate));
    }

    /** Number of new orders that it was asked for. */
    public get orders(): number {
        return this.#orders;
    }

    /** Ends it, with the connections that it has. */
    public async stop(): Promise<void> {
        const closed = once(this.#server, "close");
        this.#server.close();
        this.#server.closeAllConnections();
        await closed;
    }

    #answer(from: IncomingMessage, to: ServerResponse): void {
        const path = from.url === "/directory" ? DIRECTORY : (from.url ?? "/");
        if (path === NEW_ORDER) {
            this.#orders += 1;
            if (this.refusal !== undefined) {
                refuse(to, this.refusal);
                return;
            }
        }
        // The name in it becomes part of every address that pebble hands out.
        const onward = request({
            ...{ ...this.#pebble.address, path, ca: this.#authority },
            ...{ method: from.method, headers: from.headers, servername: "" },
        });
        onward.on("response", (answer) => {
            to.writeHead(answer.statusCode ?? 502, { ...answer.headers, ...location(from, path) });
            answer.pipe(to);
        });
        onward.on("error", () => {
            to.writeHead(502).end();
        });
        from.pipe(onward);
    }
}

/**
 * The public server says here where the order is, pebble no longer does, and Go's client needs it
 * (2026-11): https://github.com/letsencrypt/pebble/issues/508, https://github.com/golang/go/issues/77704.
 */
function location({ headers }: IncomingMessage, path: string): { readonly location?: string } {
    return path.startsWith(FINALIZE)
        ? { location: `https://${headers.host ?? ""}${path.replace(FINALIZE, ORDER)}` }
        : {};
}

function refuse(to: ServerResponse, problem: Problem): void {
    // The public server sends such a header with every refusal for a rate.
    to.writeHead(problem.status, {
        ...{ "content-type": "application/problem+json", "retry-after": "3600" },
    });
    to.end(JSON.stringify(problem));
}
