import { hasColours } from "../../scripts/terminal";

describe("hasColours()", () => {
    const stream = (isTTY?: boolean) => (isTTY === undefined ? {} : { isTTY });
    const { NO_COLOR } = process.env;

    afterEach(() => {
        if (NO_COLOR === undefined) delete process.env.NO_COLOR;
        else process.env.NO_COLOR = NO_COLOR;
    });

    it("is true on a terminal only, and false without one also where CI is set", () => {
        delete process.env.NO_COLOR;
        expect([true, false, undefined].map((isTTY) => hasColours(stream(isTTY)))).toEqual([
            true,
            false,
            false,
        ]);
    });

    it("is false when the user wants none", () => {
        process.env.NO_COLOR = "1";
        expect(hasColours(stream(true))).toBe(false);
    });
});
