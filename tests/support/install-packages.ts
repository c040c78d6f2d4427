import { ensureDebianPackages } from "../../components/host/packages";

/** What tests run themselves; what the product runs it installs by itself. */
export default function installPackages(): Promise<void> {
    return ensureDebianPackages({
        curl: "curl",
        nft: "nftables",
        openssl: "openssl",
        ps: "procps",
        shfmt: "shfmt",
        unshare: "util-linux",
    });
}
