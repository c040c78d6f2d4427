import * as pulumi from "@pulumi/pulumi";
import * as registration from "@pulumi/pulumi/runtime/resource";

/** A resource that the program under test registered. */
export interface Registered {
    readonly type: string;
    readonly name: string;
    readonly inputs: Readonly<Record<string, unknown>>;
}

/**
 * Runs a program against an in-memory Pulumi and waits until every resource is registered. Awaiting
 * an output of the program is not enough: resources that it does not depend on may still be on their
 * way.
 *
 * @param program Creates the resources under test.
 * @param outputs Computed outputs for each resource type, by type token.
 * @param calls Answers to invokes, by token.
 * @returns What the program returned, and the resources in order.
 */
export async function deploy<T>(
    program: () => T,
    outputs: Readonly<Record<string, object>> = {},
    calls: Readonly<Record<string, object>> = {},
): Promise<{ readonly result: T; readonly resources: readonly Registered[] }> {
    const resources: Registered[] = [];
    // The in-memory engine knows no hooks.
    jest.spyOn(registration, "registerErrorHook").mockResolvedValue();
    await pulumi.runtime.setMocks(
        {
            newResource: ({ type, name, inputs }: Registered) => {
                resources.push({ type, name, inputs });
                return { id: `${name}-id`, state: { ...inputs, ...outputs[type] } };
            },
            call: ({ token }) => {
                const answer = calls[token];
                if (answer === undefined) {
                    throw new Error(`unexpected invoke of ${token}: add it to this test's mocks`);
                }
                return answer;
            },
        },
        "derp",
        "test",
    );
    const result = program();
    await pulumi.runtime.disconnect();
    return { result, resources };
}

/**
 * Waits for an output inside a test.
 *
 * @param output The output to wait for.
 * @returns Its value.
 */
export function valueOf<T>(output: pulumi.Output<T>): Promise<pulumi.Unwrap<T>> {
    return new Promise((resolve) => {
        pulumi.output(output).apply(resolve);
    });
}
