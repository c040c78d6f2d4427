import { Console } from "node:console";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { renderEnv } from "../../components/cloud-init/env";
import { run } from "../../components/host/run";
import { eventually } from "../e2e/tailnet/eventually";
import { reap, reapAtExit, runIn, startIn } from "../e2e/tailnet/namespace";
import { payloadSettings } from "../support/settings";
import { ensureDerper, ensureDerpload, type Latency, median, parseOutput } from "./programs";

const RELAY = "bench-relay";
const CLIENTS = "bench-clients";
/** Addresses for documentation: they exist in the two namespaces only. */
const ADDRESS = "192.0.2.1";
const KERNEL = join(__dirname, "../../components/cloud-init/files/90-derp-relay.conf");
const UPLINK_MBPS = 5;
const ROUNDS = 3;

/** What makes one setup different from another. */
interface Setup {
    readonly name: string;
    readonly kernel: readonly string[];
    readonly args: readonly string[];
}

interface Programs {
    readonly derper: string;
    readonly derpload: string;
    readonly folder: string;
}

/** Measures small packets beside a bulk flow: the payload's settings against a derper that was just started. */
export async function benchFairness(): Promise<void> {
    const folder = await mkdtemp(join(tmpdir(), "derp-relay-bench-"));
    const programs = { derper: await ensureDerper(), derpload: await ensureDerpload(), folder };
    const setups = [await ours(folder), plain()] as const;
    const watch = await reapAtExit([RELAY, CLIENTS]);
    const seen = new Map<string, Latency[]>(setups.map(({ name }) => [name, []]));
    try {
        for (let round = 0; round < ROUNDS; round += 1) {
            for (const setup of setups) {
                seen.get(setup.name)?.push(await measure(setup, programs));
            }
        }
    } finally {
        await watch.end();
        await rm(folder, { recursive: true });
    }
    show(seen);
}

/** What the payload of a relay with such an uplink has. */
async function ours(folder: string): Promise<Setup> {
    const env = renderEnv(payloadSettings({ bandwidthMbps: UPLINK_MBPS }));
    const bytes = /^RELAY_RATE_BYTES='(\d+)'$/m.exec(env)?.[1] ?? "";
    const file = join(folder, "rate.json");
    await writeFile(file, JSON.stringify({ PerClientRateLimitBytesPerSec: Number(bytes) }));
    return {
        name: "ours",
        kernel: ["sysctl", "-q", "-e", "-p", KERNEL],
        args: [`-rate-config=${file}`],
    };
}

/** What guides start: no settings, and the congestion control of a new Linux. */
function plain(): Setup {
    return {
        name: "plain",
        // On the route, because a namespace may not choose it for all.
        kernel: ["ip", "route", "replace", "192.0.2.0/24", "dev", "eth0", "congctl", "cubic"],
        args: [],
    };
}

async function measure(setup: Setup, { derper, derpload, folder }: Programs): Promise<Latency> {
    await reap([RELAY, CLIENTS]);
    await connect();
    await runIn(RELAY, setup.kernel);
    const own = await mkdtemp(join(folder, "derper-"));
    const daemon = await startIn(
        RELAY,
        [
            ...[derper, "-c", join(own, "key"), "-hostname", ADDRESS, "-certmode", "manual"],
            ...["-certdir", own, "-http-port", "-1", ...setup.args],
        ],
        { log: join(own, "log") },
    );
    const load = [derpload, "-relay", `${ADDRESS}:443`];
    await eventually(
        async () => {
            await daemon.assertRunning();
            await runIn(CLIENTS, [...load, "-for", "100ms", "latency"]);
        },
        { what: "derper to serve", timeoutMs: 30_000 },
    );
    const { stdout } = await runIn(CLIENTS, [...load, "-bulk", "-for", "20s", "latency"]);
    return parseOutput(stdout) as Latency;
}

/** A relay and its clients, with a link that lets the relay send only so much. */
async function connect(): Promise<void> {
    for (const namespace of [RELAY, CLIENTS]) {
        await run("ip", ["netns", "add", namespace]);
        await run("ip", ["-n", namespace, "link", "set", "lo", "up"]);
    }
    const veth = ["link", "add", "eth0", "netns", RELAY, "type", "veth"];
    await run("ip", [...veth, "peer", "name", "eth0", "netns", CLIENTS]);
    for (const [namespace, address] of [
        [RELAY, ADDRESS],
        [CLIENTS, "192.0.2.2"],
    ] as const) {
        await run("ip", ["-n", namespace, "address", "add", `${address}/24`, "dev", "eth0"]);
        await run("ip", ["-n", namespace, "link", "set", "eth0", "up"]);
    }
    await run("tc", [
        ...["-n", RELAY, "qdisc", "add", "dev", "eth0", "root", "tbf"],
        ...["rate", `${String(UPLINK_MBPS)}mbit`, "burst", "16kb", "latency", "300ms"],
    ]);
}

function show(seen: ReadonlyMap<string, readonly Latency[]>): void {
    const of = (name: string, key: keyof Latency) =>
        median((seen.get(name) ?? []).map((each) => each[key]));
    const rows = [...seen.keys()].map((name) => [
        name,
        {
            "p50 ms": of(name, "p50Ms").toFixed(2),
            "p99 ms": of(name, "p99Ms").toFixed(2),
            "bulk Mbit/s": of(name, "bulkMbps").toFixed(2),
            received: `${String(of(name, "received"))} of ${String(of(name, "sent"))}`,
        },
    ]);
    new Console(process.stdout).table(Object.fromEntries(rows));
    const better = (key: keyof Latency) => (of("plain", key) / of("ours", key)).toFixed(1);
    process.stdout.write(`p50 ${better("p50Ms")} times, p99 ${better("p99Ms")} times better\n`);
}
