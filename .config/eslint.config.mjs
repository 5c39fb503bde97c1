import { dirname } from "node:path";
import { createNodeResolver, importX } from "eslint-plugin-import-x";
import tseslint from "typescript-eslint";

const ROOT = dirname(import.meta.dirname);

/** Importing a whole provider package costs six times the time and memory of importing a class by its path. */
const wholeProviders = {
  regex: "^@(cdktf|cdktn)/provider-[a-z0-9-]+(/lib(/index(\\.js)?)?)?/?$",
  message: 'Import the class by its path, for example "@cdktf/provider-azurerm/lib/iothub".',
};

/**
 * Imports run one way: app (main, stacks, environments) → constructs → edge-manifests → packages. What stands on the left is
 * out of reach for what stands on the right. Why this rule and no other: docs/decisions/0023-packages.md.
 */
const LAYERS = ["main.ts", "stacks", "environments", "constructs", "edge-manifests", "packages"];
const upwards = LAYERS.slice(1).map((layer, index) => ({
  target: `${ROOT}/${layer}`,
  from: LAYERS.slice(0, index + 1).map((above) => `${ROOT}/${above}`),
  message: "Imports run one way: stacks, environments, constructs, edge-manifests, packages.",
}));
const intoTests = [...LAYERS.slice(1, -1), "packages/*/src"].map((target) => ({
  target: `${ROOT}/${target}/**`,
  from: [`${ROOT}/__tests__/**`, `${ROOT}/packages/*/__tests__/**`],
  message: "Only tests import from tests.",
}));

export default tseslint.config(
  { ignores: ["**/dist/", "cdktf.out/", "coverage/", "node_modules/"] },
  {
    files: ["**/*.ts"],
    extends: [tseslint.configs.strictTypeChecked, tseslint.configs.stylisticTypeChecked],
    languageOptions: { parserOptions: { projectService: true, tsconfigRootDir: ROOT } },
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
    files: ["**/*.ts"],
    plugins: { "import-x": importX },
    settings: {
      "import-x/parsers": { "@typescript-eslint/parser": [".ts"] },
      "import-x/extensions": [".ts"],
      "import-x/ignore": ["/node_modules/"],
      "import-x/resolver-next": [
        createNodeResolver({
          extensions: [".ts", ".js", ".json"],
          conditionNames: ["source", "types", "require", "node", "default"],
        }),
      ],
    },
    rules: {
      "import-x/no-restricted-paths": ["error", { zones: [...upwards, ...intoTests] }],
      "import-x/no-cycle": "error",
    },
  },
  {
    files: ["packages/*/src/**/*.ts", "packages/*/index.ts"],
    rules: {
      // Another package is imported by its name, so through its entry, and stands in package.json.
      "import-x/no-relative-packages": "error",
      "import-x/no-extraneous-dependencies": ["error", { devDependencies: true, peerDependencies: true }],
    },
  },
  {
    files: ["**/__tests__/**/*.ts"],
    // Jest types its asymmetric matchers (`expect.stringMatching(…)`) as any.
    rules: { "@typescript-eslint/no-unsafe-assignment": "off" },
  },
  {
    // Statistics on typed arrays: indexes are within them by construction, and a check of each would be half the time.
    files: [
      "**/anomaly-detector/src/detection/*.ts",
      "**/anomaly-detector/bench/plant/*.ts",
      "packages/fleet/src/simulation/*.ts",
    ],
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
