import * as pulumi from "@pulumi/pulumi";

/**
 * What the provider and its SSH client say when there was no connection, and when one was lost. What an installer has
 * said needs no advice, and who pressed Ctrl-C no other either.
 */
const UNCONNECTED = /failed attempts|without exit status/;

/**
 * Makes a hook that says what helps when a machine could not be connected to: the error itself is about TCP or SSH.
 * Only for what nothing runs at `destroy`: no program is there then, and the engine would tell of a missing hook instead.
 *
 * @param name The region.
 * @param advice What helps.
 * @param opts Of the resource that connects; its parent gives the advice.
 * @returns Options with the hook.
 */
export function withConnectionAdvice(
    name: string,
    advice: pulumi.Output<string>,
    opts: pulumi.CustomResourceOptions,
): pulumi.CustomResourceOptions {
    const hook = new pulumi.ErrorHook(`${name}.connection`, async ({ errors: [error = ""] }) => {
        // In a preview nothing connects, and the advice may wait for a machine.
        if (UNCONNECTED.test(error) && !pulumi.runtime.isDryRun()) {
            await pulumi.log.warn(await valueOf(advice), opts.parent);
        }
        // Do not try again: the provider has done that for minutes.
        return false;
    });
    return { ...opts, hooks: { onError: [hook] } };
}

function valueOf(output: pulumi.Output<string>): Promise<string> {
    return new Promise((resolve) => {
        output.apply(resolve);
    });
}
