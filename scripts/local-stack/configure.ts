import type { Stack } from "@pulumi/pulumi/automation";

import { localAddress } from "../../components/config/local-address";
import { findMachineAt } from "../../components/drivers/local/root-file-system";
import { run } from "../../components/host/run";
import { PROJECT_FOLDER, PROJECT_NAME } from "../project";
import type { PulumiTools } from "../stack";
import { createCertificate } from "./certificate";
import { rememberConfig } from "./state";

const REGIONS = `${PROJECT_NAME}:regions`;
const FIRST_REGION_ID = 900;

/**
 * Gives a new stack its one region. A stack that has regions is left as it is: they are the
 * user's.
 *
 * @param stack The stack.
 * @param tools How to call the Pulumi CLI.
 * @param chosen IPv4 address of the region's machine; undefined takes the first free one.
 * @returns True when the region was written.
 * @throws {Error} If an address was chosen, and the stack has another one already.
 */
export async function configureOnce(
    stack: Stack,
    tools: PulumiTools,
    chosen: string | undefined,
): Promise<boolean> {
    const config = await stack.getAllConfig();
    const regions = config[REGIONS]?.value;
    if (regions !== undefined) {
        assertChosen(stack.name, regions, chosen);
        return false;
    }
    const regionId = await freeRegionId();
    const address = localAddress(regionId, chosen);
    const pair = await createCertificate(address);
    await stack.setAllConfig(
        Object.fromEntries(
            Object.entries({
                name: "local",
                regionId: String(regionId),
                regionName: "This computer",
                "place.driver": "local",
                ...(chosen === undefined ? {} : { "place.address": chosen }),
                "certificate.mode": "provided",
                "certificate.certificate": pair.certificate,
                // Only this computer reaches the private bridge that the relay is on.
                "verify.mode": "none",
            }).map(([key, value]) => [`${REGIONS}[0].${key}`, { value }]),
        ),
        true,
    );
    await setSecret(stack.name, tools, `${REGIONS}[0].certificate.privateKey`, pair.privateKey);
    await rememberConfig(stack.name);
    return true;
}

/** So that the stacks of one computer can be merged into one derpMap. */
async function freeRegionId(): Promise<number> {
    let id = FIRST_REGION_ID;
    while ((await findMachineAt(localAddress(id))) !== undefined) {
        id += 1;
    }
    return id;
}

function assertChosen(stack: string, regions: string, chosen: string | undefined): void {
    if (chosen !== undefined && !regions.includes(JSON.stringify(chosen))) {
        throw new Error(
            `--address must be left out for a stack that exists: ${stack} has its machines already. ` +
                `Fix: npm run destroy -- --stack ${stack}, then start it with the new address`,
        );
    }
}

/**
 * The Automation API puts values on the command line, where every user of the host can read
 * them: secrets go through standard input.
 *
 * @param stack Name of the stack.
 * @param tools How to call the Pulumi CLI.
 * @param path Path of the value.
 * @param value The secret.
 */
async function setSecret(
    stack: string,
    { command, env }: PulumiTools,
    path: string,
    value: string,
): Promise<void> {
    const args = ["config", "set", "--stack", stack, "--secret", "--path", path];
    await run(command.command, args, {
        cwd: PROJECT_FOLDER,
        env: { ...process.env, ...env },
        input: value,
    });
}
