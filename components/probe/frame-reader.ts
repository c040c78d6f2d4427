import type { Duplex } from "node:stream";

/** No frame of a handshake is longer, in bytes: more is not a relay talking. */
const MOST_BYTES = 1 << 16;
const FRAME_HEADER_BYTES = 5;
const END_OF_HEADERS = "\r\n\r\n";

/** Reads the answer to an upgrade, and then DERP's frames, from a connection. */
export class FrameReader {
    private readonly chunks: AsyncIterator<Buffer>;
    private buffer = Buffer.alloc(0);

    public constructor(stream: Duplex) {
        this.chunks = stream.iterator({ destroyOnReturn: false }) as AsyncIterator<Buffer>;
    }

    /**
     * Reads the head of an HTTP response.
     *
     * @returns Its status code.
     * @throws {Error} If what arrives is no HTTP.
     */
    public async readHttpStatus(): Promise<number> {
        while (!this.buffer.includes(END_OF_HEADERS)) {
            await this.fill();
        }
        const end = this.buffer.indexOf(END_OF_HEADERS);
        const head = this.buffer.subarray(0, end).toString("latin1");
        this.buffer = this.buffer.subarray(end + END_OF_HEADERS.length);
        const status = /^HTTP\/1\.[01] (\d{3})/.exec(head)?.[1];
        if (status === undefined) {
            throw new Error("the server must answer in HTTP: it does not");
        }
        return Number(status);
    }

    /**
     * Reads frames until one of the wanted type.
     *
     * @param type The wanted type; others are skipped, as clients do.
     * @returns Its payload.
     * @throws {Error} If a frame is longer than any of a handshake, or the connection ends.
     */
    public async readFrame(type: number): Promise<Buffer> {
        for (;;) {
            const header = await this.take(FRAME_HEADER_BYTES);
            const length = header.readUInt32BE(1);
            if (length > MOST_BYTES) {
                throw new Error(
                    `a frame must be at most ${String(MOST_BYTES)} bytes: got ${String(length)}`,
                );
            }
            const payload = await this.take(length);
            if (header.readUInt8(0) === type) {
                return payload;
            }
        }
    }

    private async take(bytes: number): Promise<Buffer> {
        while (this.buffer.length < bytes) {
            await this.fill();
        }
        const taken = this.buffer.subarray(0, bytes);
        this.buffer = this.buffer.subarray(bytes);
        return taken;
    }

    private async fill(): Promise<void> {
        const next = await this.chunks.next();
        if (next.done === true) {
            throw new ConnectionEnded();
        }
        this.buffer = Buffer.concat([this.buffer, next.value]);
        if (this.buffer.length > 2 * MOST_BYTES) {
            throw new Error("the server sends more than a handshake");
        }
    }
}

/** The other side closed the connection before what was waited for came. */
export class ConnectionEnded extends Error {
    public constructor() {
        super("the server closed the connection");
    }
}
