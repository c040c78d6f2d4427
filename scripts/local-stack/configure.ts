import type { Stack } from "@pulumi/pulumi/automation";

import { defaultLocalAddress } from "../../components/config/local-address";
import { run } from "../../components/host/run";
import { PROJECT_FOLDER, PROJECT_NAME } from "../project";
import type { PulumiTools } from "../stack";
import { createCertificate } from "./certificate";

const REGIONS = `${PROJECT_NAME}:regions`;
const REGION_ID = 900;

/**
 * Gives a new stack its one region. A stack that has regions is left as it is: they are the
 * user's.
 *
 * @param stack The stack.
 * @param tools How to call the Pulumi CLI.
 * @returns True when the region was written.
 */
export async function configureOnce(stack: Stack, tools: PulumiTools): Promise<boolean> {
    const config = await stack.getAllConfig();
    if (REGIONS in config) {
        return false;
    }
    const pair = await createCertificate(defaultLocalAddress(REGION_ID));
    await stack.setAllConfig(
        Object.fromEntries(
            Object.entries({
                name: "local",
                regionId: String(REGION_ID),
                regionName: "This computer",
                "place.driver": "local",
                "certificate.mode": "provided",
                "certificate.certificate": pair.certificate,
                // Only this computer reaches the private bridge that the relay is on.
                "verify.mode": "none",
            }).map(([key, value]) => [`${REGIONS}[0].${key}`, { value }]),
        ),
        true,
    );
    await setSecret(stack.name, tools, `${REGIONS}[0].certificate.privateKey`, pair.privateKey);
    return true;
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
