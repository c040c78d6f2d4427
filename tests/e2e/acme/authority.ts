import { execFileSync } from "node:child_process";
import { writeFileSync } from "node:fs";
import { join } from "node:path";

/** Files of a certificate that an {@link Authority} has issued. */
export interface IssuedFiles {
    readonly certificate: string;
    readonly privateKey: string;
}

/** A certificate authority of a test, made with openssl. */
export class Authority {
    /** File with its own certificate. */
    public readonly certificate: string;
    readonly #folder: string;

    /** @param folder Existing folder for its files. */
    public constructor(folder: string) {
        this.#folder = folder;
        this.certificate = join(folder, "authority.pem");
        this.#openssl(
            ...["req", "-x509", "-nodes", "-days", "2", "-subj", "/CN=authority of the tests"],
            ...newKey(join(folder, "authority.key")),
            ...["-addext", "keyUsage=critical,keyCertSign", "-out", this.certificate],
        );
    }

    /**
     * Issues a certificate for a server.
     *
     * @param names Subject alternative names, such as `DNS:relay.example.com`.
     * @returns Its files.
     */
    public issue(names: readonly string[]): IssuedFiles {
        const request = join(this.#folder, "request.pem");
        const extensions = join(this.#folder, "extensions");
        const certificate = join(this.#folder, "server.pem");
        const privateKey = join(this.#folder, "server.key");
        writeFileSync(extensions, `subjectAltName = ${names.join(", ")}\n`);
        this.#openssl(
            ...["req", "-new", "-nodes", "-subj", "/CN=server"],
            ...[...newKey(privateKey), "-out", request],
        );
        this.#openssl(
            ...["x509", "-req", "-days", "2", "-in", request, "-extfile", extensions],
            ...["-CA", this.certificate, "-CAkey", join(this.#folder, "authority.key")],
            ...["-CAcreateserial", "-out", certificate],
        );
        return { certificate, privateKey };
    }

    #openssl(...args: readonly string[]): void {
        execFileSync("openssl", args, { cwd: this.#folder, stdio: ["ignore", "ignore", "pipe"] });
    }
}

function newKey(file: string): string[] {
    return ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-keyout", file];
}
