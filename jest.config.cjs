const project = (name) => ({
    displayName: name,
    // Not sdks/, where a package stands twice: as it was generated, and built.
    roots: ["<rootDir>/components", "<rootDir>/scripts", "<rootDir>/tests"],
    testEnvironment: "node",
    // Pulumi's SDK keeps globals that jest would otherwise warn about when it clears them.
    testEnvironmentOptions: { globalsCleanup: "off" },
    clearMocks: true,
    // A built SDK has its package.json twice, and jest would not know which one a name means.
    modulePathIgnorePatterns: ["<rootDir>/sdks/"],
    transform: { "^.+\\.ts$": ["ts-jest", { tsconfig: "tsconfig.json" }] },
    globalSetup: "<rootDir>/tests/support/install-packages.ts",
    testMatch: [`<rootDir>/tests/${name}/**/*.test.ts`],
});

/** @type {import("jest").Config} */
module.exports = {
    projects: ["unit", "component", "engine", "e2e"].map(project),
    reporters: ["default", "<rootDir>/tests/support/closing-line-reporter.cjs"],
    // Engine and e2e tests share one machine: one worker keeps them out of each other's way.
    maxWorkers: 1,
    testTimeout: 60_000,
};
