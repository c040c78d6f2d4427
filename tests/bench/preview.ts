import { mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { Console } from "node:console";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { stringify } from "yaml";

import { EngineStack } from "../support/engine-stack";
import { type SharedCloud, startSharedCloud } from "./shared-cloud";

/** What a preview took. */
interface Cost {
    readonly seconds: number;
    /** Of the program's process: other work on the computer changes it little. */
    readonly cpuSeconds: number;
    /** Of the program's process, at most. */
    readonly megabytes: number;
}

const SIZES = [1, 10, 50];
const ROUNDS = 3;

/** Measures previews of our program and of a plain one with the same resources, in turn. */
export async function benchPreview(): Promise<void> {
    const cloud = await startSharedCloud();
    const rows: Record<string, string | number>[] = [];
    try {
        for (const regions of SIZES) rows.push(await compare(regions, cloud));
    } finally {
        await cloud.end();
    }
    new Console(process.stdout).table(rows);
}

async function compare(regions: number, cloud: SharedCloud) {
    const [ours, plain] = [await startOurs(regions, cloud), await startPlain(regions, cloud)];
    const costs: { ours: Cost[]; plain: Cost[] } = { ours: [], plain: [] };
    for (let round = 0; round < ROUNDS; round += 1) {
        costs.ours.push(await measure(ours));
        costs.plain.push(await measure(plain));
    }
    for (const { stack, folder } of [ours, plain]) {
        await stack.remove();
        await rm(folder, { recursive: true });
    }
    return row(regions, least(costs.ours), least(costs.plain));
}

interface Program {
    readonly stack: EngineStack;
    readonly folder: string;
}

async function start(
    projectFolder: string | undefined,
    regions: number,
    cloud: SharedCloud,
): Promise<Program> {
    const folder = await mkdtemp(join(tmpdir(), "derp-relay-bench-"));
    const stack = await EngineStack.create({
        ...(projectFolder === undefined ? {} : { projectFolder }),
        env: {
            NODE_OPTIONS: `--require=${join(__dirname, "usage.cjs")}`,
            ...cloud.env,
            BENCH_FOLDER: folder,
            BENCH_REGIONS: String(regions),
        },
    });
    return { stack, folder };
}

function startPlain(regions: number, cloud: SharedCloud): Promise<Program> {
    return start(join(__dirname, "plain"), regions, cloud);
}

async function startOurs(count: number, cloud: SharedCloud): Promise<Program> {
    const program = await start(undefined, count, cloud);
    const regions = Array.from({ length: count }, (_, index) => ({
        name: `region${String(index)}`,
        regionId: 900 + index,
        place: { driver: "alicloud", zone: "cn-shanghai-b" },
        verify: { mode: "none" },
    }));
    await writeFile(program.stack.configFile, stringify({ config: { "derp:regions": regions } }));
    return program;
}

async function measure({ stack, folder }: Program): Promise<Cost> {
    for (const file of await readdir(folder)) await rm(join(folder, file));
    const begun = performance.now();
    const { code, stdout, stderr } = await stack.preview();
    const seconds = (performance.now() - begun) / 1000;
    if (code !== 0) throw new Error(`the preview must succeed: ${stdout}${stderr}`);
    for (const file of await readdir(folder)) {
        const { argv, ...usage } = JSON.parse(await readFile(join(folder, file), "utf8")) as {
            argv: string[];
        } & Omit<Cost, "seconds">;
        if (argv.some((word) => /cmd\/run(\/|$)/.test(word))) {
            return { seconds, ...usage };
        }
    }
    throw new Error("the program's process must leave how much memory it took: it did not");
}

/** The best round is the one that other work on the computer disturbed least. */
function least(costs: readonly Cost[]): Cost {
    return {
        seconds: Math.min(...costs.map(({ seconds }) => seconds)),
        cpuSeconds: Math.min(...costs.map(({ cpuSeconds }) => cpuSeconds)),
        megabytes: Math.min(...costs.map(({ megabytes }) => megabytes)),
    };
}

function row(regions: number, ours: Cost, plain: Cost): Record<string, string | number> {
    const compared = (key: keyof Cost, digits: number) =>
        `${ours[key].toFixed(digits)} / ${plain[key].toFixed(digits)} = ${(ours[key] / plain[key]).toFixed(2)}`;
    return {
        regions,
        "seconds, ours / plain": compared("seconds", 1),
        "of the program's CPU": compared("cpuSeconds", 1),
        "MB of the program": compared("megabytes", 0),
    };
}
