// Packs standard input as gzip does, but smaller, to standard output. The library starts asynchronously, and from then
// on ends its process at each rejection that nobody has handled yet: so this one is for it alone.
import { buffer } from "node:stream/consumers";

import { gzipAsync } from "@gfx/zopfli";

process.stdout.write(await gzipAsync(await buffer(process.stdin), {}));
