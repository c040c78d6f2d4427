import { DiffResponse, PropertyDiff } from "@pulumi/pulumi/proto/provider_pb";

import type { Difference, PropertyChange } from "./diff";

const { Kind } = PropertyDiff;
const KINDS: Readonly<
    Record<PropertyChange["kind"], readonly [PropertyDiff.Kind, PropertyDiff.Kind]>
> = {
    add: [Kind.ADD, Kind.ADD_REPLACE],
    delete: [Kind.DELETE, Kind.DELETE_REPLACE],
    update: [Kind.UPDATE, Kind.UPDATE_REPLACE],
};

/** Writes a difference as the engine reads it. */
export function diffResponse(difference: Difference): DiffResponse {
    const response = new DiffResponse();
    const paths = Object.entries(difference.changes);
    const { DIFF_NONE, DIFF_SOME } = DiffResponse.DiffChanges;
    response.setChanges(paths.length === 0 ? DIFF_NONE : DIFF_SOME);
    response.setReplacesList([...difference.replaces]);
    response.setDeletebeforereplace(difference.deleteBeforeReplace);
    response.setDiffsList([...new Set(paths.map(([path]) => path.split(/[.[]/)[0] ?? ""))]);
    response.setHasdetaileddiff(true);
    for (const [path, { kind, isReplace }] of paths) {
        const property = new PropertyDiff();
        property.setKind(KINDS[kind][isReplace ? 1 : 0]);
        response.getDetaileddiffMap().set(path, property);
    }
    return response;
}
