import { execFileSync } from "node:child_process";
import { createHash } from "node:crypto";

import { FROM_BASE91, toBase91 } from "../../../components/cloud-init/base91";

/** Bytes that no compressor makes shorter, the same in each run. */
const bytesOf = (length: number) =>
    Buffer.concat(
        Array.from({ length: Math.ceil(length / 32) }, (_, index) =>
            createHash("sha256").update(String(index)).digest(),
        ),
    ).subarray(0, length);

describe("toBase91()", () => {
    it.each([0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 5000])(
        "writes %s bytes so that a shell reads them back",
        (length) => {
            const bytes = bytesOf(length);
            const input = toBase91(bytes);
            expect(input).toMatch(/^([$-~]{1,4000}\n)*$/);
            const read = execFileSync("sh", ["-c", `${FROM_BASE91} | printf "$(cat)"`], { input });
            expect(read.subarray(0, length)).toEqual(bytes);
            // GNU gzip passes over a zero at the end.
            expect([...read.subarray(length)].every((byte) => byte === 0)).toBe(true);
        },
    );

    it("takes 2 characters for 13 bits", () => {
        expect(toBase91(Buffer.alloc(13)).trim()).toHaveLength(16);
    });
});
