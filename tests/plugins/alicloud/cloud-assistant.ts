import { CloudError } from "../cloud/errors";
import type { Kind } from "../cloud/kind";
import { matches, oneOf } from "../cloud/rules";
import { isBase64 } from "../cloud/user-data";
import { text, texts } from "../cloud/values";

/** What the cloud takes of a command after base64, in bytes. */
const MOST_CONTENT = 18 * 1024;

export const command: Kind = {
    replaces: [
        ...["commandContent", "description", "enableParameter", "name", "timeout", "type"],
        "workingDir",
    ],
    computed: [],
    defaults: { enableParameter: false, timeout: 60 },
    isNamed: true,
    rules: [
        oneOf("type", "RunBatScript", "RunPowerShellScript", "RunShellScript"),
        matches("name", /^[^]{1,128}$/u, "name must have 1 to 128 characters"),
    ],
    create({ commandContent }, view) {
        const content = String(commandContent);
        if (!isBase64(content)) {
            throw new CloudError("InvalidParameter.CommandContent", "The content is not base64.");
        }
        if (content.length > MOST_CONTENT) {
            const message = "The length of the command content exceeds 18 KB.";
            throw new CloudError("CmdContent.ExceedLimit", message);
        }
        return { id: view.newId("c-sh0", 16), facts: {} };
    },
};

export const ecsInvocation: Kind = {
    replaces: [
        ...["commandId", "frequency", "instanceIds", "parameters", "repeatMode", "timed"],
        ...["username", "windowsPasswordName"],
    ],
    computed: ["repeatMode", "status", "timed", "username"],
    rules: [oneOf("repeatMode", "Once", "Period", "NextRebootOnly", "EveryReboot")],
    create(inputs, view) {
        const { inputs: ordered } = view.get("Command", inputs.commandId, "InvalidCmdId.NotFound");
        const instances = texts(inputs, "instanceIds");
        for (const id of instances) view.get("Instance", id, "InvalidInstance.NotFound");
        const content = Buffer.from(text(ordered, "commandContent"), "base64").toString();
        const facts = { repeatMode: "Once", timed: false, username: "root", status: "Success" };
        return { id: view.newId("t-sh0", 16), facts: { ...facts, content } };
    },
    // The provider stops it then, which the policy of docs/alicloud.md does not allow. What the cloud would say of one
    // that has ended, as all of these have, nobody has seen.
    remove() {
        const message = "User not authorized to operate on the specified resource.";
        throw new CloudError("Forbidden.RAM", message);
    },
    describe: () => ({ content: undefined }),
};
