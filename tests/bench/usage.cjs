// Loaded into every Node process of a preview: leaves how much memory and processor time it took.
const { writeFileSync } = require("node:fs");
const { join } = require("node:path");

process.on("exit", () => {
    const { maxRSS, userCPUTime, systemCPUTime } = process.resourceUsage();
    const text = JSON.stringify({
        argv: process.argv,
        megabytes: maxRSS / 1024,
        cpuSeconds: (userCPUTime + systemCPUTime) / 1e6,
    });
    writeFileSync(join(process.env.BENCH_FOLDER, `${process.pid}.json`), text);
});
