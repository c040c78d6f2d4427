import {
    INSTALL_AT_FIRST_BOOT_COMMAND,
    renderFirstBootUserData,
} from "../../../components/cloud-init/first-boot";

const BOOT = { hostKeyPem: "PEM\n", loginKey: "ssh-rsa AAAA", port: 8443, digest: "d1" };

/** What the machine would write. */
function filesOf(document: string) {
    const [mark, , json = ""] = document.split("\n");
    expect(mark).toBe("#cloud-config");
    const { write_files: files, runcmd } = JSON.parse(json) as {
        readonly write_files: readonly {
            readonly path: string;
            readonly permissions: string;
            readonly content: string;
        }[];
        readonly runcmd: unknown;
    };
    return { runcmd, files: new Map(files.map((file) => [file.path, file])) };
}

describe("renderFirstBootUserData()", () => {
    it("has an sshd of its own on the relay's port, with files that are where it looks", () => {
        const { files, runcmd } = filesOf(renderFirstBootUserData(BOOT));
        const unit = "/etc/systemd/system/derp-first-boot.service";
        expect(files.get(unit)?.content).toContain("-f /etc/derp-first-boot/sshd_config\n");
        const config = files.get("/etc/derp-first-boot/sshd_config")?.content ?? "";
        expect(config).toMatch(/^Port 8443\n/);
        const named = [...config.matchAll(/^(?:HostKey|AuthorizedKeysFile) (.*)$/gm)];
        const secrets = named.map(([, path = ""]) => files.get(path));
        expect(secrets.map((file) => file?.permissions)).toEqual(["0600", "0600"]);
        expect(secrets.map((file) => file?.content)).toEqual(["PEM\n", "ssh-rsa AAAA\n"]);
        expect(runcmd).toEqual([["systemctl", "enable", "--now", "derp-first-boot.service"]]);
    });

    it("has what the connection runs, which ends what the user data has made, and nothing else of SSH", () => {
        const { files } = filesOf(renderFirstBootUserData(BOOT));
        const [, path = ""] = INSTALL_AT_FIRST_BOOT_COMMAND.split(" ");
        const script = files.get(path)?.content ?? "";
        const [, unit = ""] = /^unit=(.*)$/m.exec(script) ?? [];
        const [, removed = ""] = /^ *rm -rf (.*)$/m.exec(script) ?? [];
        const gone = removed.replace("$unit", unit).replaceAll('"', "").split(" ");
        expect(gone).toEqual([
            ...["/etc/derp-first-boot", `/etc/systemd/system/${unit}`],
            "/etc/systemd/system/ssh.service.d/derp-first-boot.conf",
        ]);
        const left = [...files.keys()].filter(
            (file) => !gone.some((each) => file.startsWith(each)),
        );
        expect(left).toEqual([]);
    });

    it("has what the connection runs wait for cloud-init, before it can install anything", () => {
        const { files } = filesOf(renderFirstBootUserData(BOOT));
        const [, path = ""] = INSTALL_AT_FIRST_BOOT_COMMAND.split(" ");
        const [wait, apply, ...rest] = files.get(path)?.content.split("\n") ?? [];
        expect(wait).toMatch(
            /^if command -v cloud-init .*; then .*cloud-init status --wait .*; fi$/,
        );
        expect(apply).toMatch(/^apply\(\) \{ .*gzip -dc.*; \}$/);
        expect(rest.join("\n")).toContain("\nif base64 -d | (apply) && ");
    });

    it("is another one for another payload, of which it holds nothing but the digest", () => {
        const other = renderFirstBootUserData({ ...BOOT, digest: "d2" });
        const document = renderFirstBootUserData(BOOT);
        expect(document).toContain("\n# payload d1\n");
        expect(other).toBe(document.replace("payload d1", "payload d2"));
        const always = renderFirstBootUserData({ ...BOOT, digest: undefined });
        expect(always).toBe(document.replace("# payload d1\n", ""));
    });
});
