import { spawn } from "node:child_process";
import {
    chmodSync,
    existsSync,
    mkdirSync,
    mkdtempSync,
    readFileSync,
    rmSync,
    writeFileSync,
} from "node:fs";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";

import {
    type Payload,
    renderPayload,
    type PayloadSettings,
} from "../../components/cloud-init/payload";
import { payloadSettings } from "./settings";

/** Commands that would change the host; each records how it was called and succeeds. */
const STUBS = [
    ...["systemctl", "useradd", "nft", "sysctl", "modprobe", "mkswap", "swapon", "dd"],
    ...["install", "id", "systemd-detect-virt", "journalctl", "sleep", "nproc", "apt-get"],
];

/** Installs without an owner or a group: the host need not have the relay's. */
const OWNERLESS_INSTALL = `n=$#
while [ $n -gt 0 ]; do
    case $1 in
        -g | -o) shift 2; n=$((n - 2)) ;;
        *) set -- "$@" "$1"; shift; n=$((n - 1)) ;;
    esac
done
exec /usr/bin/install "$@"`;

/** What a run of a script did. */
export interface ScriptResult {
    readonly code: number;
    readonly output: string;
}

/**
 * A machine for tests of the installer: a folder as its root, with the real scripts, and with
 * stand-ins for the commands that would touch the host.
 */
export class FakeMachine {
    public readonly root = mkdtempSync(join(tmpdir(), "derp-relay-machine-"));
    readonly #payload = join(this.root, "payload");
    readonly #bin = join(this.root, "stubs");

    public constructor(settings: Partial<PayloadSettings> = {}) {
        for (const name of STUBS) this.stub(name, "");
        this.stub("id", '[ "$1" = -u ] && echo 0; exit 0');
        this.stub("install", OWNERLESS_INSTALL);
        this.stub("runuser", 'shift 3; exec "$@"');
        this.stub("systemd-detect-virt", "exit 1");
        this.stub("nproc", "echo 1");
        this.writePayload(renderPayload(payloadSettings(settings)));
    }

    /** Puts a payload where the installer will run from. */
    public writePayload(payload: Payload): void {
        rmSync(this.#payload, { recursive: true, force: true });
        for (const [name, text] of Object.entries(payload)) {
            this.write(join("payload", name), text);
        }
    }

    /** Replaces a command; its arguments are recorded before the script runs. */
    public stub(name: string, script: string): void {
        const file = join(this.#bin, name);
        const record = `echo "${name} $*" >>${join(this.root, "calls")}`;
        this.write(join("stubs", name), `#!/bin/sh\n${record}\n${script}\n`);
        chmodSync(file, 0o755);
    }

    /** Writes a file below the machine's root. */
    public write(path: string, text: string, mode = 0o644): void {
        const file = join(this.root, path);
        mkdirSync(dirname(file), { recursive: true });
        writeFileSync(file, text, { mode });
    }

    /** Reads a file below the machine's root; empty when there is none. */
    public read(path: string): string {
        const file = join(this.root, path);
        return existsSync(file) ? readFileSync(file, "utf8") : "";
    }

    /** How the stand-ins were called, in order. */
    public get calls(): string[] {
        return this.read("calls").trim().split("\n");
    }

    /** How often derper was restarted. */
    public get restarts(): number {
        return this.calls.filter((call) => call === "systemctl restart derper.service").length;
    }

    /** A derper that was built before: it runs, and tells nothing. */
    public addDerper(version: string): void {
        this.write(`opt/derp-relay/bin/derper-${version}-go1.26.8`, "#!/bin/sh\nexit 0\n", 0o755);
    }

    /** A Go toolchain whose `go` does what a test wants. */
    public addGo(script: string): void {
        const arch = process.arch === "arm64" ? "arm64" : "amd64";
        this.write(
            `var/cache/derp-relay/go-1.26.8-${arch}/bin/go`,
            `#!/bin/sh\n${script}\n`,
            0o755,
        );
    }

    /** Runs the installer. */
    public install(env: Readonly<Record<string, string>> = {}): Promise<ScriptResult> {
        return this.run(join(this.#payload, "install.sh"), [], env);
    }

    /** Runs a script of the payload. */
    public run(
        script: string,
        args: readonly string[] = [],
        env: Readonly<Record<string, string>> = {},
    ): Promise<ScriptResult> {
        const child = spawn("sh", [script, ...args], {
            env: {
                PATH: `${this.#bin}:${process.env.PATH ?? ""}`,
                DERP_RELAY_ROOT: this.root,
                // The ports of the host are its own business.
                PROC_NET: join(this.root, "proc-net"),
                ...env,
            },
        });
        let output = "";
        for (const stream of [child.stdout, child.stderr]) {
            stream.on("data", (chunk: Buffer) => {
                output += chunk.toString();
            });
        }
        return new Promise((resolve) => {
            child.on("close", (code) => {
                resolve({ code: code ?? -1, output });
            });
        });
    }

    /** Last word of the installer. */
    public get status(): string {
        return this.read("var/lib/derp-relay/install.status").trim();
    }

    public remove(): void {
        rmSync(this.root, { recursive: true, force: true });
    }
}

/**
 * Starts a module proxy that answers what a test wants.
 *
 * @param answer Body for a path; undefined is 404.
 * @returns Its address, and a way to stop it.
 */
export async function startMirror(
    answer: (path: string) => string | Uint8Array | undefined,
): Promise<{ url: string; server: Server }> {
    const server = createServer((request, response) => {
        const body = answer(request.url ?? "");
        response.statusCode = body === undefined ? 404 : 200;
        response.end(body ?? "");
    });
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    return { url: `http://127.0.0.1:${String((server.address() as AddressInfo).port)}`, server };
}
