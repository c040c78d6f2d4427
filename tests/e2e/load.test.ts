import { createServer } from "node:http";

import { run } from "../../components/host/run";
import { ensureDerpload, type Latency, parseOutput } from "../bench/programs";
import { Scene, SCENE_LIMIT } from "./support/scene";
import { eventually } from "./tailnet/eventually";
import { createNamespace, reap, reapAtExit, runIn, type Watch } from "./tailnet/namespace";

const ADDRESS = "10.89.0.100";
/** Where strangers come from. */
const STRANGERS = "e2eload-x";
/** One that asks for too much, one that does not, and many for many connections. */
const [GREEDY, MODEST] = ["10.89.0.30", "10.89.0.31"] as const;
const MANY = Array.from({ length: 40 }, (_, index) => `10.89.0.${String(150 + index)}`);
const IDLE = 5000;
const METADATA = "169.254.169.254";
/** Of `MemoryMax=` in derper.service. */
const MEMORY_MAX = 500 * 1024;

jest.setTimeout(10 * 60_000);

/** Shows in the run's log what was measured. */
const show = (...lines: readonly string[]) => {
    for (const line of lines) process.stderr.write(`  ${line}\n`);
};

/** What the hostile modes of derpload print. */
interface Seen {
    readonly asked: number;
    readonly dropped: number;
}

describe("a relay that strangers find", () => {
    let scene: Scene;
    let watch: Watch | undefined;
    let derpload: string;

    beforeAll(async () => {
        derpload = await ensureDerpload();
        scene = await Scene.set("e2e-load", ADDRESS);
        watch = await reapAtExit([STRANGERS]);
        await reap([STRANGERS]);
        const { bridge } = scene.stack;
        await createNamespace({ namespace: STRANGERS, bridge, address: `${GREEDY}/24` });
        for (const address of [MODEST, ...MANY]) {
            const add = ["address", "add", `${address}/24`, "dev", "eth0"];
            await run("ip", ["-n", STRANGERS, ...add]);
        }
    }, SCENE_LIMIT);

    afterAll(async () => {
        await watch?.end();
        await (scene as Scene | undefined)?.end();
    });

    const inMachine = (command: string, okCodes?: number[]) =>
        scene.stack.inMachine(command, okCodes);
    const isLoaded = "nft list table inet derp_relay";
    const load = async (sources: readonly string[], args: string, onLine?: () => void) => {
        const flags = [
            "-relay",
            `${ADDRESS}:443`,
            "-sources",
            sources.join(","),
            ...args.split(" "),
        ];
        const shell = ["sh", "-c", 'ulimit -n 20000; exec "$@"', "sh", derpload, ...flags];
        const { stdout } = await runIn(STRANGERS, shell, onLine && { onLine });
        show(`${args}: ${stdout.trim().split("\n").at(-1) ?? ""}`);
        return parseOutput(stdout);
    };
    const rss = async () => {
        const status = await inMachine(`cat /proc/${await scene.pid()}/status`);
        return Number(/^VmRSS:\s+(\d+) kB$/m.exec(status)?.[1]);
    };
    const restarts = () => inMachine("systemctl show -p NRestarts -p MainPID derper");

    it("runs each of its units with an exposure of 1.4 at most", async () => {
        const units = await inMachine("cd /etc/systemd/system; ls derp*.service");
        expect(units.split("\n")).toEqual([
            "derp-relay-firewall.service",
            "derp-relay-health.service",
            "derp-relay-repair.service",
            "derper.service",
        ]);
        for (const unit of units.split("\n")) {
            const analysis = `systemd-analyze security --no-pager --threshold=14 ${unit}`;
            const text = await inMachine(analysis);
            show(text.split("\n").at(-1) ?? "");
            expect(text).toContain("Overall exposure level");
        }
    });

    it("has a health check that sees the relay from its sandbox, and has derper restarted", async () => {
        const check = "systemctl start derp-relay-health; ";
        const said = await inMachine(`${check} journalctl -u derp-relay-health -o cat -n 20`);
        expect(said).toContain("good  derper holds tcp port 443 (DERP)");
        expect(said).toContain("good  derper answers, and its own check passes");
        expect(said).toMatch(/^good {2}\d+ MB of disk are free$/m);
        expect(said).not.toMatch(/^(bad|warn)/m);
        expect(await inMachine("/opt/derp-relay/health.sh")).toMatch(
            /^good {2}the firewall dropped \d+ packets$/m,
        );
        await inMachine("systemctl stop derp-relay-health.timer derper");
        await inMachine(check.repeat(3), [0, 1]);
        const isActive = () => inMachine("systemctl is-active derper");
        await eventually(isActive, { what: "derper", timeoutMs: 30_000 });
        expect(await inMachine("journalctl -u derp-relay-health -o cat")).toContain(
            "asking for: derper",
        );
        await inMachine("systemctl start derp-relay-health.timer");
        await scene.serves({ timeoutMs: 30_000 });
    });

    it("keeps its firewall when the system's rules are loaded again, and gets it back when it is gone", async () => {
        // What follows a job of nftables.service is a job of its own, which systemctl does not wait for.
        const comesBack = () =>
            eventually(() => inMachine(isLoaded), { what: "the firewall", timeoutMs: 60_000 });
        for (const job of ["restart", "reload"]) {
            await inMachine(`systemctl ${job} nftables`);
            await comesBack();
        }
        await inMachine("nft flush ruleset");
        await comesBack();
        expect(await inMachine(isLoaded)).toContain("skuid != 0");
    });

    it("lets only root ask the metadata service, and counts the others", async () => {
        const service = createServer((_, response) => response.end("user data"));
        const place = [`${METADATA}/32`, "dev", scene.stack.bridge];
        await run("ip", ["address", "add", ...place]);
        try {
            await new Promise<void>((resolve) => service.listen(80, METADATA, resolve));
            const ask = `curl -sS --max-time 3 http://${METADATA}/`;
            expect(await inMachine(ask)).toBe("user data");
            const others = `setpriv --reuid=derper --regid=derper --clear-groups ${ask}`;
            await expect(inMachine(others)).rejects.toThrow("exited with code 28");
            const rules = await inMachine("nft list chain inet derp_relay output");
            expect(rules).toMatch(/skuid != 0 counter packets [1-9]/);
        } finally {
            service.close();
            await run("ip", ["address", "del", ...place]);
        }
    });

    it("shows browsers nothing", async () => {
        const { stdout } = await run("curl", ["-sk", `https://${ADDRESS}/`]);
        expect(stdout).toBe("");
    });

    it("serves its members beside thousands of idle and hostile connections", async () => {
        const [before, idleMemory] = [await restarts(), await rss()];
        let full = (): void => undefined;
        const open = new Promise<void>((resolve) => (full = resolve));
        const idle = load(MANY, `-count ${String(IDLE)} -for 90s idle`, full);
        await Promise.race([open, idle]);
        const loaded = await rss();
        const [greedy, modest, halfOpen, slow, oversized] = await Promise.all([
            load([GREEDY], "-rate 300 -for 10s flood"),
            load([MODEST], "-for 20s latency"),
            load(MANY, "-count 500 -for 40s half-open"),
            load(MANY, "-count 20 -size 1400 -for 20s slow"),
            load(MANY, "-count 20 -for 20s oversized"),
            scene.pingBothWays(),
        ]);
        const most = await rss();
        await scene.pingBothWays();
        const MB = [idleMemory, loaded, most].map((kB) => Math.round(kB / 1024));
        show(`derper: ${MB.join(", ")} MB alone, with idle clients, after the rest`);
        const { asked, dropped } = greedy as Seen;
        expect(dropped).toBeGreaterThan(asked / 2);
        const { sent, received } = modest as Latency;
        expect(received).toBeGreaterThan(sent * 0.99);
        expect(halfOpen).toMatchObject({ open: 500, dropped: 500 });
        expect(slow).toMatchObject({ open: 20 });
        expect(oversized).toMatchObject({ open: 20, dropped: 20 });
        expect(await idle).toMatchObject({ open: IDLE, dropped: 0 });
        expect(most).toBeLessThan(MEMORY_MAX);
        expect(await restarts()).toBe(before);
        const rules = await inMachine("nft list chain inet derp_relay input");
        expect(rules).toMatch(/@recent4 .*counter packets [1-9]\d{2}/);
    });
});
