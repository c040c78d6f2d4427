import { deployRegion, openSecret, PLACES } from "../support/cloud-regions";

const { SSH, ALICLOUD, TENCENTCLOUD, SERVER } = PLACES;
const KEY = "tls:index/privateKey:PrivateKey";
const CERTIFICATE = "tls:index/selfSignedCert:SelfSignedCert";
const REGION = "derp:index:DerpRegion";

describe("the keys of a machine in a cloud", () => {
    it.each([
        ["at Alibaba Cloud", ALICLOUD],
        ["at Alibaba Cloud with SSH", { ...ALICLOUD, ssh: SSH }],
        ["at Tencent Cloud", TENCENTCLOUD],
        ["at Tencent Cloud with SSH", { ...TENCENTCLOUD, ssh: SSH }],
    ])("are one that both clouds take and one that SSH clients prefer, %s", async (_, place) => {
        const { inputsOf } = await deployRegion({ place });
        expect(inputsOf(KEY, "hangzhou.login")).toEqual({ algorithm: "RSA", rsaBits: 3072 });
        expect(inputsOf(KEY, "hangzhou.host")).toEqual({
            algorithm: "ECDSA",
            ecdsaCurve: "P256",
        });
    });
});

describe("a pinned certificate", () => {
    it.each([
        ["at Alibaba Cloud", ALICLOUD, "203.0.113.10"],
        ["at Tencent Cloud", TENCENTCLOUD, "198.51.100.10"],
        ["on a server", SERVER, "203.0.113.7"],
    ])("is for the address, for ten years, and signs no others: %s", async (_, place, address) => {
        const { inputsOf, sourcesOf } = await deployRegion({ place });
        expect(inputsOf(KEY)).toEqual({ algorithm: "ECDSA", ecdsaCurve: "P256" });
        const { privateKeyPem, ...certificate } = inputsOf(CERTIFICATE);
        expect(certificate).toEqual({
            subject: { commonName: address },
            ipAddresses: [address],
            allowedUses: ["digital_signature", "server_auth"],
            validityPeriodHours: 87_600,
        });
        expect(openSecret(privateKeyPem)).toContain("EC PRIVATE KEY");
        // And not from the keys of the machine.
        expect(await sourcesOf(CERTIFICATE, "privateKeyPem")).toEqual([`${KEY} hangzhou`]);
    });

    it("is for the hostname as well, where there is one", async () => {
        const { inputsOf } = await deployRegion({
            place: ALICLOUD,
            hostname: "relay.example.com",
            certificate: { mode: "pinned" },
        });
        const { privateKeyPem, ...certificate } = inputsOf(CERTIFICATE);
        expect(privateKeyPem).toBeDefined();
        expect(certificate).toEqual({
            subject: { commonName: "relay.example.com" },
            ipAddresses: ["203.0.113.10"],
            dnsNames: ["relay.example.com"],
            allowedUses: ["digital_signature", "server_auth"],
            validityPeriodHours: 87_600,
        });
    });

    it.each([
        ["unset", undefined, 1],
        ["1", { mode: "pinned", generation: 1 }, 1],
        ["2", { mode: "pinned", generation: 2 }, 2],
    ])("has a key that is replaced with its generation: %s", async (_, certificate, trigger) => {
        const { optionsOf, sourcesOf } = await deployRegion({ place: ALICLOUD, certificate });
        expect(optionsOf(KEY)).toMatchObject({ replacementTrigger: trigger });
        // It follows its key.
        expect(await sourcesOf(CERTIFICATE, "privateKeyPem")).toEqual([`${KEY} hangzhou`]);
        expect(optionsOf(CERTIFICATE).ignoreChanges).toBeUndefined();
    });

    it("leaves alone, with another generation, the machine and whatever else there is", async () => {
        const others = async (generation: number) => {
            const { list, inputsOf, optionsOf } = await deployRegion({
                place: { ...ALICLOUD, ssh: SSH },
                certificate: { mode: "pinned", generation },
            });
            const changing = new Set([REGION, KEY, CERTIFICATE].map((type) => `${type} hangzhou`));
            return list
                .filter((line) => !changing.has(line))
                .map((line) => {
                    const [type = "", name] = line.split(" ");
                    const trigger: unknown = optionsOf(type, name).replacementTrigger;
                    return { line, trigger, inputs: inputsOf(type, name) };
                });
        };
        expect(await others(2)).toEqual(await others(1));
    });
});
