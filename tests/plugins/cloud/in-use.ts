import { CloudError } from "./errors";
import type { CloudView } from "./view";

/** Refuses to delete what others still use, as the cloud does. */
export function refuseInUse(
    view: CloudView,
    user: { readonly type: string; readonly argument: string; readonly code: string },
    id: string,
): void {
    const users = view
        .all(user.type)
        .filter(({ inputs }) => [inputs[user.argument]].flat().some((used) => used === id));
    if (users.length > 0) {
        const ids = users.map((object) => object.id).join(", ");
        throw new CloudError(user.code, `${id} is still in use by ${user.type} ${ids}.`);
    }
}
