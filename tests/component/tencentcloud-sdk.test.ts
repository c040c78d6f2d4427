import * as pulumi from "@pulumi/pulumi";
import * as tencentcloud from "@pulumi/tencentcloud";

import packageFile from "../../sdks/tencentcloud/package.json";
import schema from "../../sdks/tencentcloud.schema.json";
import { deploy, valueOf } from "../support/mocks";

describe("@pulumi/tencentcloud", () => {
    it("registers resources with the project's own copy of Pulumi", async () => {
        const { result, resources } = await deploy(
            () => new tencentcloud.Vpc("net", { cidrBlock: "10.0.0.0/16" }),
        );

        expect(result).toBeInstanceOf(pulumi.CustomResource);
        expect(await valueOf(result.cidrBlock)).toBe("10.0.0.0/16");
        expect(resources).toStrictEqual([
            {
                type: "tencentcloud:index/vpc:Vpc",
                name: "net",
                inputs: { cidrBlock: "10.0.0.0/16" },
            },
        ]);
    });

    it("names the plugin and its parameter as the schema does, so that Pulumi can get it", () => {
        const { baseProvider, parameter } = schema.parameterization;

        expect(packageFile.pulumi).toStrictEqual({
            resource: true,
            ...baseProvider,
            parameterization: { name: schema.name, version: schema.version, value: parameter },
        });
    });
});
