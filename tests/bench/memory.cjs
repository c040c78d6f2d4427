// Loaded into every Node process of a preview: leaves how much memory it took at most.
const { writeFileSync } = require("node:fs");
const { join } = require("node:path");

process.on("exit", () => {
    const kilobytes = process.resourceUsage().maxRSS;
    const text = JSON.stringify({ argv: process.argv, kilobytes });
    writeFileSync(join(process.env.BENCH_FOLDER, `${process.pid}.json`), text);
});
