/** What access keys of the stand-ins begin with: real keys must never get here. */
const PREFIX = "test-";

/** Whether an access key is one of an account of the stand-ins. */
export function isAccount(accessKey: string): boolean {
    return accessKey.startsWith(PREFIX);
}

/** The first of a value of the program and of the environment. */
export function setting(value: unknown, ...variables: readonly string[]): string {
    const values = [value, ...variables.map((variable) => process.env[variable])];
    return values.find((each): each is string => typeof each === "string" && each !== "") ?? "";
}
