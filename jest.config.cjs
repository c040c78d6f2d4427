const project = (name, more = {}) => ({
    displayName: name,
    // Not sdks/, where a package stands twice: as it was generated, and built.
    roots: ["<rootDir>/components", "<rootDir>/scripts", "<rootDir>/tests"],
    testEnvironment: "<rootDir>/tests/support/worker-environment.cjs",
    // Pulumi's SDK keeps globals that jest would otherwise warn about when it clears them.
    testEnvironmentOptions: { globalsCleanup: "off" },
    clearMocks: true,
    // A built SDK has its package.json twice, and jest would not know which one a name means.
    modulePathIgnorePatterns: ["<rootDir>/sdks/"],
    transform: { "^.+\\.ts$": ["ts-jest", { tsconfig: "tsconfig.json" }] },
    globalSetup: "<rootDir>/tests/support/install-packages.ts",
    runner: "<rootDir>/tests/support/two-lanes-runner.cjs",
    testMatch: [`<rootDir>/tests/${name}/**/*.test.ts`],
    ...more,
});

/** @type {import("jest").Config} */
module.exports = {
    projects: [
        ...[project("unit"), project("machine"), project("component"), project("engine")],
        project("e2e", { testEnvironment: "<rootDir>/tests/support/alone-environment.cjs" }),
    ],
    reporters: ["default", "<rootDir>/tests/support/closing-line-reporter.cjs"],
    // Of each lane of the runner: what is on this machine belongs to one test at a time.
    maxWorkers: 1,
    testTimeout: 60_000,
};
