import { existsSync, readFileSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

import * as command from "@pulumi/command";
import { version } from "@pulumi/command/package.json";
import * as pulumi from "@pulumi/pulumi";

import { PluginStack } from "./support/plugin-stack";
import { makeKey, SshServer } from "./support/ssh-server";

const TYPE = "command:remote:Command";

type Args = Partial<command.remote.CommandArgs>;

describe("the stand-in of the command provider", () => {
    const clientKey = makeKey();
    const hostKey = makeKey();
    const ecdsaHostKey = makeKey("ecdsa");
    let stack: PluginStack;
    let server: SshServer;
    let folder: string;

    // The first run may build the CLI.
    beforeAll(async () => {
        stack = await PluginStack.create({ name: "command", version });
        server = await SshServer.start(clientKey, [hostKey]);
    }, 900_000);

    beforeEach(async () => {
        folder = await mkdtemp(join(tmpdir(), "derp-relay-command-"));
    });

    afterEach(async () => {
        await stack.reset();
        await rm(folder, { recursive: true });
    });

    afterAll(async () => {
        await server.stop();
        await stack.remove();
    });

    const connection = (changes: object = {}) => ({
        host: "127.0.0.1",
        port: server.port,
        user: server.user,
        privateKey: clientKey.privateKey,
        hostKey: hostKey.publicKey,
        dialErrorLimit: 1,
        ...changes,
    });

    const program = (args: Args) => () => {
        const run = new command.remote.Command("run", { connection: connection(), ...args });
        return Promise.resolve({ stdout: run.stdout, stderr: run.stderr });
    };

    const file = (name: string): string => join(folder, name);
    const contents = (name: string): string => readFileSync(file(name), "utf8");

    it("runs create with standard input, once, and again when that changes", async () => {
        const args = { create: `cat >> ${file("out")}; echo made; echo aside >&2; pwd` };
        const first = await stack.up(program({ ...args, stdin: "one\n" }));
        const second = await stack.up(program({ ...args, stdin: "one\n" }));
        const third = await stack.up(program({ ...args, stdin: "two\n" }));

        expect(first.outputs).toMatchObject({
            stdout: { value: expect.stringMatching(/^made\n\/\S+$/) as string },
            stderr: { value: "aside" },
        });
        expect(first.summary.resourceChanges).toStrictEqual({ create: 2 });
        expect(second.summary.resourceChanges).toStrictEqual({ same: 2 });
        expect(third.summary.resourceChanges).toStrictEqual({ same: 1, update: 1 });
        expect(contents("out")).toBe("one\ntwo\n");
    }, 180_000);

    it("runs update on a change, replaces on a trigger, and runs delete at the end", async () => {
        const log = file("log");
        const args = {
            create: `echo "create $(cat)" >> ${log}`,
            update: `echo "update $(cat)" >> ${log}`,
            delete: `echo "delete $(cat)" >> ${log}`,
            addPreviousOutputInEnv: false,
        };
        await stack.up(program({ ...args, stdin: "1", triggers: ["a"] }));
        await stack.up(program({ ...args, stdin: "2", triggers: ["a"] }));
        const replaced = await stack.up(program({ ...args, stdin: "3", triggers: ["b"] }));
        await stack.destroy();

        expect(replaced.summary.resourceChanges).toStrictEqual({ same: 1, replace: 1 });
        // The old one is deleted after the new one is made, and with its own input.
        expect(contents("log")).toBe("create 1\nupdate 2\ncreate 3\ndelete 2\ndelete 3\n");
    }, 240_000);

    it("leaves the output unknown in a preview and runs nothing", async () => {
        const { stdout } = await stack.preview(program({ create: `touch ${file("out")}` }));

        expect(stdout).toContain("stdout: [unknown]");
        expect(existsSync(file("out"))).toBe(false);
    }, 120_000);

    it("waits for a machine whose address and host key are not known before", async () => {
        const machine = () => {
            const made = new command.remote.Command("machine", {
                connection: connection(),
                create: `echo 127.0.0.1; printf '%s' '${hostKey.publicKey.trim()}' >&2`,
            });
            const reached = connection({ host: made.stdout, hostKey: made.stderr });
            return program({ create: "echo here", stdin: made.stdout, connection: reached })();
        };
        const previewed = await stack.preview(machine);
        const { outputs } = await stack.up(machine);
        const again = await stack.up(machine);

        expect(previewed.changeSummary).toStrictEqual({ create: 3 });
        expect(outputs.stdout?.value).toBe("here");
        expect(again.summary.resourceChanges).toStrictEqual({ same: 3 });
    }, 120_000);

    it("keeps secrets out of its output and in the state encrypted", async () => {
        const before = stack.printed.length;
        const stdin = pulumi.secret("hidden words");
        const { outputs } = await stack.up(program({ create: "cat", stdin, logging: "none" }));
        const [resource] = await stack.resources(TYPE);

        const seen = stack.printed.slice(before) + (await stack.state());
        const [, keyLine = ""] = clientKey.privateKey.split("\n");
        expect(outputs.stdout).toStrictEqual({ value: "hidden words", secret: true });
        expect(seen).not.toContain("hidden words");
        expect(seen).not.toContain(keyLine);
        expect(JSON.stringify(resource?.outputs?.connection)).toContain("ciphertext");
        expect(stack.printed.slice(before)).not.toMatch(/warning/i);
    }, 120_000);

    it("fails with the exit code and the output, and leaves nothing in the state", async () => {
        const create = "echo before; echo broken >&2; exit 3";
        const printed = await stack.failure(program({ create }));

        expect(printed).toContain(
            `error: Process exited with status 3: running "${create}":\n    before\n    broken`,
        );
        await expect(stack.resources(TYPE)).resolves.toStrictEqual([]);
    }, 120_000);

    it("refuses another host key than the expected one", async () => {
        const other = connection({ hostKey: makeKey().publicKey });
        const printed = await stack.failure(
            program({ create: `touch ${file("out")}`, connection: other }),
        );

        expect(printed).toContain("Dial 1/1 failed: retrying");
        expect(printed).toContain(
            "error: after 1 failed attempts: ssh: handshake failed: ssh: host key mismatch",
        );
        expect(existsSync(file("out"))).toBe(false);
    }, 120_000);

    it("takes any host key when none is expected", async () => {
        const { outputs } = await stack.up(
            program({ create: "echo here", connection: connection({ hostKey: undefined }) }),
        );

        expect(outputs.stdout?.value).toBe("here");
    }, 120_000);

    it("prefers ECDSA over an expected Ed25519 host key, as Go does", async () => {
        const two = await SshServer.start(clientKey, [hostKey, ecdsaHostKey]);
        const { port } = two;
        try {
            const printed = await stack.failure(
                program({ create: "true", connection: connection({ port }) }),
            );
            const expected = connection({ port, hostKey: ecdsaHostKey.publicKey });
            const { outputs } = await stack.up(
                program({ create: "echo here", connection: expected }),
            );

            expect(printed).toContain("ssh: host key mismatch");
            expect(outputs.stdout?.value).toBe("here");
        } finally {
            await two.stop();
        }
    }, 180_000);

    it("tells a key that the server refuses and a server that is not there", async () => {
        const refused = await stack.failure(
            program({
                create: "true",
                connection: connection({ privateKey: makeKey().privateKey }),
            }),
        );
        const absent = await stack.failure(
            program({ create: "true", connection: connection({ port: 1 }) }),
        );

        expect(refused).toContain(
            "ssh: handshake failed: ssh: unable to authenticate, attempted methods " +
                "[none publickey], no supported methods remain",
        );
        expect(absent).toContain(
            "error: after 1 failed attempts: dial tcp 127.0.0.1:1: connect: connection refused",
        );
    }, 180_000);

    it("sets the variables that the server accepts, and tells of others", async () => {
        const given = await stack.up(
            program({ create: 'echo "$GIVEN"', environment: { GIVEN: "a b" } }),
        );
        const before = stack.printed.length;
        await stack.up(program({ create: "true", environment: { GIVEN: "a b" } }));
        const warned = stack.printed.slice(before);
        const refused = await stack.failure(
            program({ create: "false", environment: { OTHER: "x" } }),
        );

        expect(given.outputs.stdout?.value).toBe("a b");
        expect(warned).toContain("warning: Unable to set 'PULUMI_COMMAND_STDOUT'");
        expect(refused).toContain(
            'error: could not set environment variable "OTHER": ssh: setenv failed',
        );
    }, 180_000);

    it("refuses arguments that the real one does not know or that are not implemented", async () => {
        const wrong = { password: "x", dialErrorLimit: -2, hostname: "x" };
        const printed = await stack.failure(
            program({ connection: { ...wrong } as never, logging: "all" as never }),
        );

        expect(printed).toContain("Missing required property 'connection.host'");
        expect(printed).toContain("value must be at least -1, got: -2");
        expect(printed).toContain("is not implemented by this stand-in of the command provider");
        expect(printed).toContain("an argument with this name is not expected here");
        expect(printed).toContain('got: "all"');
    }, 120_000);
});
