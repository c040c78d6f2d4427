import { execFileSync } from "node:child_process";

import { networkNames } from "../../../../components/drivers/local/names";
import { renderTable } from "../../../../components/drivers/local/network";

describe("renderTable()", () => {
    it("hides the machines behind the host's address on the way out, and only there", () => {
        const table = renderTable(networkNames("10.90.0.100"));
        expect(table).toContain('ip saddr 10.90.0.0/24 oifname != "derp-0a5a00" masquerade');
    });

    it("is what nft accepts", () => {
        const check = ["--map-root-user", "--net", "nft", "-c", "-f", "-"];
        execFileSync("unshare", check, { input: renderTable(networkNames("192.168.7.2")) });
        expect(() =>
            execFileSync("unshare", check, { input: "table x { y }", stdio: "pipe" }),
        ).toThrow("syntax error");
    });
});
