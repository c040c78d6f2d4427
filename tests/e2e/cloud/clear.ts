/** Removes what an end-to-end test of the clouds has made on this host: `tsx clear.ts FOLDER`. */
import { CloudHost } from "./cloud-host";

const [, , folder] = process.argv;
if (folder === undefined) throw new Error("the folder of the test must be given");
void new CloudHost(folder).clear();
