import { types } from "node:util";

/**
 * What an error says, for a message that tells more than the error itself.
 *
 * @param error What was thrown. May come from another realm, as in jest and in Pulumi's loader,
 * where `instanceof Error` is false.
 * @returns Its message.
 */
export function reasonOf(error: unknown): string {
    return types.isNativeError(error) ? error.message : String(error);
}
