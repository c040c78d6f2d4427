// Installs the packages of package-lock.json when they are missing or old, and builds the local SDK
// in sdks/ likewise. Install scripts are left out: one of them would have Pulumi download a plugin.
// It runs before `npm start` and `npm test`, so it uses nothing but Node.
import { spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { delimiter, dirname, join } from "node:path";
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
if (!existsSync(stamp) && isInstalled()) {
    writeFileSync(stamp, wanted);
}
if (!existsSync(stamp) || readFileSync(stamp, "utf8") !== wanted) {
    process.stderr.write("installing npm packages (npm ci; about a minute, once)\n");
    const npm = spawnSync(
        "npm",
        [
            ...["ci", "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error"],
            // The lock file has the checksum of each package: what npm's cache has needs no question.
            "--prefer-offline",
        ],
        {
            cwd: project,
            stdio: ["ignore", "ignore", "inherit"],
        },
    );
    if (npm.status !== 0) {
        process.stderr.write(
            "error: npm ci failed: see above; mend it and run the same command again\n",
        );
        process.exit(1);
    }
    writeFileSync(stamp, wanted);
}
buildSdk(join(project, "sdks", "tencentcloud"));

// Whether somebody has run `npm ci`: npm writes at its end what it has put there.
function isInstalled() {
    const made = join(project, "node_modules", ".package-lock.json");
    if (!existsSync(made)) {
        return false;
    }
    const { packages } = JSON.parse(readFileSync(made, "utf8"));
    return Object.entries(JSON.parse(lock).packages).every(
        ([path, { version, integrity, optional, link }]) =>
            path === "" ||
            link ||
            !path.startsWith("node_modules/") ||
            (packages[path] === undefined
                ? optional
                : packages[path].version === version && packages[path].integrity === integrity),
    );
}

// An npm that runs no install scripts leaves the SDK unbuilt, and no npm builds it again after a
// `git pull`. The generated build script works in the SDK's folder and takes tsc from the PATH.
function buildSdk(sdk) {
    const built = join(sdk, "bin", ".derp-relay-built");
    const sources = digestOfSources(sdk);
    if (existsSync(built) && readFileSync(built, "utf8") === sources) {
        return;
    }
    process.stderr.write("building the Tencent Cloud SDK (some seconds, once)\n");
    const path = [join(project, "node_modules", ".bin"), process.env.PATH ?? ""].join(delimiter);
    const build = spawnSync(process.execPath, [join("scripts", "postinstall.js")], {
        cwd: sdk,
        env: { ...process.env, PATH: path },
        stdio: ["ignore", "ignore", "inherit"],
    });
    if (build.status !== 0) {
        process.stderr.write(
            "error: the SDK in sdks/tencentcloud cannot be built: see above; " +
                "mend it and run the same command again\n",
        );
        process.exit(1);
    }
    writeFileSync(built, sources);
}

// Also of what is installed: a newer compiler or Pulumi SDK may build something else.
function digestOfSources(sdk) {
    const hash = createHash("sha256").update(lock);
    const made = /^(bin|node_modules)(\/|\\|$)/;
    for (const file of readdirSync(sdk, { recursive: true }).sort()) {
        if (!made.test(file) && /\.(ts|js|json)$/.test(file)) {
            hash.update(`\n${file}\n`).update(readFileSync(join(sdk, file)));
        }
    }
    return hash.digest("hex");
}
