import { assertLocalHost, assertLocalUser } from "../../../../components/drivers/local/host-check";

const ELSEWHERE =
    "Instead, use a Linux machine on which you are root, such as a virtual machine; what else " +
    "there is, and what is planned: docs/places.md.";

describe("assertLocalUser()", () => {
    it("names other places on a system that is not Linux", () => {
        expect(() => {
            assertLocalUser({ platform: "darwin", uid: 0, path: "" });
        }).toThrow(
            new Error(
                "the local place needs Linux, because it boots a machine with systemd-nspawn: " +
                    `this is darwin. ${ELSEWHERE}`,
            ),
        );
    });

    it("asks for sudo without root", () => {
        expect(() => {
            assertLocalUser({ platform: "linux", uid: 1000, path: "" });
        }).toThrow(
            new Error(
                "the local place needs root, because it boots a machine and makes a network for it: " +
                    `you are user 1000. Run the same command with sudo. ${ELSEWHERE}`,
            ),
        );
    });
});

describe("assertLocalHost()", () => {
    it("lists every missing command with its package", () => {
        expect(() => {
            assertLocalHost({ platform: "linux", uid: 0, path: "/nowhere" });
        }).toThrow(
            new Error(
                "the local place needs ip, mmdebstrap, nft, nsenter, systemd-nspawn, tar, zstd: not found. " +
                    "Install them, on Debian and Ubuntu with: apt-get install iproute2 mmdebstrap " +
                    "nftables util-linux systemd-container tar zstd",
            ),
        );
    });
});
