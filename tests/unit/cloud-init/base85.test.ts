import { execFileSync } from "node:child_process";

import * as fc from "fast-check";

import { toBase85 } from "../../../components/cloud-init/base85";

const DECODE = "import base64,sys; sys.stdout.buffer.write(base64.b85decode(sys.stdin.read()))";

describe("toBase85()", () => {
    it("is what Python decodes to the same bytes, whatever their number", () => {
        const bytes = [...fc.sample(fc.uint8Array({ maxLength: 40 }), 6), new Uint8Array(1)];
        for (const each of [...bytes, Uint8Array.of(255, 255, 255, 255, 255)]) {
            const input = toBase85(each);
            expect(execFileSync("python3", ["-c", DECODE], { input })).toEqual(Buffer.from(each));
        }
    });

    it("takes five characters for four bytes", () => {
        expect(toBase85(new Uint8Array(400))).toHaveLength(500);
    });
});
