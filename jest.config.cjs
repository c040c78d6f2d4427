const project = (name) => ({
    displayName: name,
    testEnvironment: "node",
    // Pulumi's SDK keeps globals that jest would otherwise warn about when it clears them.
    testEnvironmentOptions: { globalsCleanup: "off" },
    clearMocks: true,
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
