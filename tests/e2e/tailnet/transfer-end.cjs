// One end of a transfer over TCP, run in a client's namespace by transfer.ts.
// usage: node transfer-end.cjs receive ADDRESS FILE | node transfer-end.cjs send ADDRESS PORT FILE
// It prints one line of JSON a step: the receiver {"port"} when it listens, and both ends
// {"bytes", "sha256"} of what they wrote to or read from their file.
const { createHash } = require("node:crypto");
const { once } = require("node:events");
const { createReadStream, createWriteStream } = require("node:fs");
const { connect, createServer } = require("node:net");

const [role, address, ...rest] = process.argv.slice(2);
/** No end waits for longer than this for the other, in milliseconds. */
const SILENCE = 30_000;

void (role === "receive" ? receive(rest[0]) : send(Number(rest[0]), rest[1]));

async function receive(file) {
    // Half open, so that the sender can be told when all has been written.
    const server = createServer({ allowHalfOpen: true });
    server.on("error", fail);
    server.listen(0, address, () => say({ port: server.address().port }));
    const [socket] = await once(server, "connection");
    server.close();
    failOnSilence(socket);
    await once(socket.pipe(createWriteStream(file).on("error", fail)), "finish");
    say(await digest(file));
    socket.end();
}

async function send(port, file) {
    const socket = connect({ host: address, port, allowHalfOpen: true });
    failOnSilence(socket);
    createReadStream(file).on("error", fail).pipe(socket);
    await once(socket.resume(), "end");
    say(await digest(file));
}

function failOnSilence(socket) {
    socket.setTimeout(SILENCE, () => fail(new Error("the other end has gone silent")));
    socket.on("error", fail);
}

async function digest(file) {
    const hash = createHash("sha256");
    let bytes = 0;
    for await (const chunk of createReadStream(file)) {
        bytes += chunk.length;
        hash.update(chunk);
    }
    return { bytes, sha256: hash.digest("hex") };
}

function say(value) {
    process.stdout.write(`${JSON.stringify(value)}\n`);
}

function fail(error) {
    process.stderr.write(`${role}: ${error.message}\n`);
    process.exit(1);
}
