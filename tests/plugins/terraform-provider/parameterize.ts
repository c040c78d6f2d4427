import { isDeepStrictEqual } from "node:util";

import { PACKAGE, PARAMETER } from "./arguments";

/** What an SDK carries: which Terraform provider, and what of it. */
interface Parameter {
    readonly remote: { readonly url: string; readonly version: string };
    readonly includes: readonly string[];
}

const OWN = JSON.parse(Buffer.from(PARAMETER, "base64").toString("utf8")) as Parameter;

/**
 * Becomes the package of Tencent Cloud.
 *
 * @param value What the SDK carries; it must be what the committed schema was made with, for other
 * versions have other resources.
 */
export function parameterize(value: string): { name: string; version: string } {
    const { remote, includes } = JSON.parse(value) as Parameter;
    const unknown = includes.filter((name) => !OWN.includes.includes(name));
    if (!isDeepStrictEqual(remote, OWN.remote) || unknown.length > 0) {
        throw new Error(
            `the stand-in serves only ${OWN.remote.url} ${OWN.remote.version} with ${OWN.includes.join(", ")}: got ${value}`,
        );
    }
    return PACKAGE;
}

/** The same with the arguments of `pulumi package add`, such as `tencentcloudstack/tencentcloud`. */
export function parameterizeArgs(args: readonly string[]): { name: string; version: string } {
    const [source = "", version = ""] = args;
    const url = source.split("/").length === 2 ? `registry.opentofu.org/${source}` : source;
    return parameterize(JSON.stringify({ remote: { url, version }, includes: [] }));
}
