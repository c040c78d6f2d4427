import { Console } from "node:console";

import { run } from "../../components/host/run";
import { eventually } from "../e2e/tailnet/eventually";
import { LocalStack } from "../e2e/support/local-stack";
import { ensureDerpload, median, parseOutput } from "./programs";

const ADDRESS = "10.88.0.100";
const ROUNDS = 7;
const PORTS = { hardened: 443, bare: 8443 };
/** The same program with the same certificate, started without any of the unit's settings. */
const START_BARE =
    "systemd-run --quiet --unit=bare --property=LimitNOFILE=65536 /opt/derp-relay/bin/derper -c /root/bare.key " +
    `-hostname ${ADDRESS} -a :${String(PORTS.bare)} -http-port -1 -stun-port 3479 ` +
    "-certmode manual -certdir /etc/derp-relay/certs";

/** Measures what the hardened unit relays, and what the same derper does without it, on one machine. */
export async function benchThroughput(): Promise<void> {
    const derpload = await ensureDerpload();
    const stack = new LocalStack("bench", ADDRESS);
    const seen = { hardened: [] as number[], bare: [] as number[] };
    try {
        await stack.start();
        await stack.inMachine(START_BARE);
        const measure = async (unit: keyof typeof PORTS, length: string) => {
            const relay = `${ADDRESS}:${String(PORTS[unit])}`;
            const args = ["-relay", relay, "-count", "4", "-size", "1400", "-for", length];
            const { stdout } = await run(derpload, [...args, "throughput"]);
            return (parseOutput(stdout) as { mbps: number }).mbps;
        };
        await eventually(() => measure("bare", "100ms"), {
            what: "the bare derper to serve",
            timeoutMs: 30_000,
        });
        for (let round = 0; round < ROUNDS; round += 1) {
            for (const unit of ["hardened", "bare"] as const) {
                seen[unit].push(await measure(unit, "5s"));
            }
        }
    } finally {
        await stack.end();
    }
    const [hardened, bare] = [median(seen.hardened), median(seen.bare)];
    new Console(process.stdout).table({
        "Mbit/s, hardened": seen.hardened.map(Math.round).join(" "),
        "Mbit/s, bare": seen.bare.map(Math.round).join(" "),
        "ratio of the medians": (hardened / bare).toFixed(3),
    });
}
