import { dirname } from "node:path";

/** Folder of this project: where `Pulumi.yaml` is. */
export const PROJECT_FOLDER = dirname(__dirname);
/** Name of the project in `Pulumi.yaml`: the namespace of its configuration. */
export const PROJECT_NAME = "derp";
