import eslint from "@eslint/js";
import pulumi from "@pulumi/eslint-plugin";
import { defineConfig, globalIgnores } from "eslint/config";
import jest from "eslint-plugin-jest";
import jsdoc from "eslint-plugin-jsdoc";
import n from "eslint-plugin-n";
import tseslint from "typescript-eslint";

export default defineConfig(
    globalIgnores(["bin/", "coverage/", "sdks/"]),
    { linterOptions: { reportUnusedDisableDirectives: "error" } },
    {
        files: ["**/*.ts"],
        extends: [
            eslint.configs.recommended,
            tseslint.configs.strictTypeChecked,
            tseslint.configs.stylisticTypeChecked,
            n.configs["flat/recommended-module"],
            jsdoc.configs["flat/contents-typescript-error"],
            jsdoc.configs["flat/logical-typescript-error"],
            jsdoc.configs["flat/stylistic-typescript-error"],
        ],
        plugins: { "@pulumi": pulumi },
        languageOptions: {
            // Types of the language are TypeScript's to know: as variables of each file they only take time.
            parserOptions: {
                projectService: true,
                lib: [],
                tsconfigRootDir: import.meta.dirname,
            },
        },
        rules: {
            "@pulumi/no-output-in-template-literal": "error",
            "@pulumi/no-output-instance-in-template-literal": "error",
            "@typescript-eslint/consistent-type-imports": "error",
            "@typescript-eslint/switch-exhaustiveness-check": "error",
            complexity: ["error", 8],
            eqeqeq: "error",
            "jsdoc/tag-lines": ["error", "any", { startLines: 1 }],
            // Knows neither code spans nor destructured parameters, and calls a short text empty.
            "jsdoc/text-escaping": "off",
            "jsdoc/informative-docs": "off",
            "jsdoc/check-param-names": ["error", { checkDestructured: false }],
            "jsdoc/lines-before-block": "off",
            "max-depth": ["error", 3],
            "max-lines": ["error", { max: 250, skipBlankLines: true, skipComments: true }],
            "max-lines-per-function": [
                "error",
                { max: 50, skipBlankLines: true, skipComments: true },
            ],
            "max-params": ["error", 4],
            "no-console": "error",
            "n/no-missing-import": "off",
        },
    },
    {
        files: ["components/**/*.ts"],
        rules: {
            "jsdoc/require-jsdoc": [
                "error",
                {
                    publicOnly: true,
                    checkConstructors: false,
                    require: { ClassDeclaration: true, MethodDefinition: true },
                    contexts: [
                        "TSInterfaceDeclaration",
                        "TSTypeAliasDeclaration",
                        "TSInterfaceDeclaration TSPropertySignature",
                    ],
                },
            ],
            "n/no-process-env": "error",
        },
    },
    {
        files: ["tests/**/*.ts"],
        extends: [jest.configs["flat/recommended"], jest.configs["flat/style"]],
        rules: {
            "jest/consistent-test-it": "error",
            "jest/require-top-level-describe": "error",
            "max-lines-per-function": "off",
            "n/no-unpublished-import": "off",
        },
    },
);
