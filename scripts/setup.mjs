// Installs the packages of package-lock.json when they are missing or old. It runs before
// `npm start` and `npm test`, so it uses nothing but Node.
import { spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const OLDEST_NODE = 20;
const project = dirname(dirname(fileURLToPath(import.meta.url)));
const stamp = join(project, "node_modules", ".derp-relay-installed");
const lock = readFileSync(join(project, "package-lock.json"));
const wanted = createHash("sha256").update(lock).update(process.version).digest("hex");

if (Number(process.versions.node.split(".")[0]) < OLDEST_NODE) {
    process.stderr.write(
        `error: Node.js must be ${OLDEST_NODE} or newer: this is ${process.version}\n`,
    );
    process.exit(1);
}
if (!existsSync(stamp) || readFileSync(stamp, "utf8") !== wanted) {
    process.stderr.write("installing npm packages (npm ci; about a minute, once)\n");
    const npm = spawnSync("npm", ["ci", "--no-audit", "--no-fund", "--loglevel=error"], {
        cwd: project,
        stdio: ["ignore", "ignore", "inherit"],
    });
    if (npm.status !== 0) {
        process.stderr.write(
            "error: npm ci failed: see above; mend it and run the same command again\n",
        );
        process.exit(1);
    }
    writeFileSync(stamp, wanted);
}
