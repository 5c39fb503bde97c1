import tseslint from "typescript-eslint";

/** Importing a whole provider package costs six times the time and memory of importing a class by its path. */
const wholeProviders = {
  regex: "^@(cdktf|cdktn)/provider-[a-z0-9-]+(/lib(/index(\\.js)?)?)?/?$",
  message: 'Import the class by its path, for example "@cdktf/provider-azurerm/lib/iothub".',
};

export default tseslint.config(
  { ignores: ["**/dist/", "cdktf.out/", "coverage/", "node_modules/"] },
  {
    files: ["**/*.ts"],
    extends: [tseslint.configs.strictTypeChecked, tseslint.configs.stylisticTypeChecked],
    languageOptions: { parserOptions: { projectService: true, tsconfigRootDir: `${import.meta.dirname}/..` } },
    rules: {
      "@typescript-eslint/no-restricted-imports": ["error", { patterns: [wholeProviders] }],
      "@typescript-eslint/no-explicit-any": "error",
      "@typescript-eslint/explicit-function-return-type": ["error", { allowExpressions: true }],
      "@typescript-eslint/restrict-template-expressions": ["error", { allowNumber: true, allowBoolean: true }],
      // A construct registers itself with its scope when it is made.
      "@typescript-eslint/no-unused-expressions": "error",
      "no-console": "error",
      eqeqeq: "error",
    },
  },
  {
    files: ["**/__tests__/**/*.ts"],
    // Jest types its asymmetric matchers (`expect.stringMatching(…)`) as any.
    rules: { "@typescript-eslint/no-unsafe-assignment": "off" },
  },
  {
    // Statistics on typed arrays: indexes are within them by construction, and a check of each would be half the time.
    files: ["**/anomaly-detector/src/detection/*.ts", "**/anomaly-detector/bench/plant/*.ts"],
    rules: {
      "@typescript-eslint/no-non-null-assertion": "off",
      "@typescript-eslint/no-confusing-non-null-assertion": "off",
    },
  },
  {
    files: [
      "stacks/commands/**/*.ts",
      "__tests__/benchmarks/**/*.ts",
      "packages/*/src/{command,check-command,bin,terminal}.ts",
    ],
    rules: { "no-console": "off" },
  },
);
