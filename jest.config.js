/** @type {import("jest").Config} */
module.exports = {
  testEnvironment: "node",
  roots: ["<rootDir>/__tests__", "<rootDir>/edge-modules", "<rootDir>/packages"],
  modulePathIgnorePatterns: ["<rootDir>/edge-modules/[^/]+/dist/"],
  moduleNameMapper: { "(^|/)stack-trace$": "<rootDir>/__tests__/support/no-stack-trace.js" },
  setupFiles: ["<rootDir>/__tests__/support/property-seed.js"],
  // Large inputs on a busy machine take their time; how much is a matter of benchmarks.
  testTimeout: 120_000,
  testMatch: ["**/*.test.ts"],
  // Transpile only: types are checked by `npm run typecheck`, which CI runs as its own step.
  transform: {
    "^.+\\.ts$": [
      "@swc/jest",
      { jsc: { target: "es2022", parser: { syntax: "typescript" } }, module: { type: "commonjs" } },
    ],
  },
  // Jest evaluates the provider bindings anew for each test file; a worker that has grown is replaced.
  workerIdleMemoryLimit: "512MB",
};
