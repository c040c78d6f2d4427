/**
 * Every version that this project pins, in one place.
 *
 * Raising `tailscale` or `go` makes every relay build and restart its relay at
 * the next `pulumi up`; the machines stay, but for those at Tencent Cloud without `ssh`.
 */
export const VERSIONS = {
    /**
     * Version of `tailscale.com` that derper is built from, as a Go module version.
     * 1.104.x needs Go 1.27 and modules that not every proxy serves (2026-11).
     */
    tailscale: "v1.102.5",
    /** Go toolchain that builds it; `tailscale.com` v1.102.5 asks for 1.26.6 or newer. */
    go: "1.26.8",
    /**
     * SHA-256 of the zip of `golang.org/toolchain` for Linux, the same file
     * on every module proxy. Checked against the Go checksum database on 2026-11-23.
     */
    goZipSha256: {
        amd64: "30c2b1bf7dcc88d3eb0a1364e47ddd9128edb3110a30e8a0ef61cd5856b31de7",
        arm64: "02b36b6787b3ac767668f630e2998df45a3b1f9ffee08d1bf3ef6487cd658d99",
    },
    /** Pulumi CLI; the SDK's version is in `package.json`. */
    pulumi: "v3.259.0",
    /** Oldest Pulumi CLI on the user's PATH that is used as it is. */
    pulumiMinimum: "v3.218.0",
    /** Debian release of the machines of the `local` place. */
    debian: "bookworm",
} as const;

/**
 * Go module proxies that a relay tries in this order, when nothing else is configured.
 * The first two answer from mainland China, where the third does not.
 */
export const DEFAULT_GO_PROXIES = [
    "https://goproxy.cn",
    "https://mirrors.aliyun.com/goproxy",
    "https://proxy.golang.org",
] as const;
