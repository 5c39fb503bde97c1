import { type PolicyInput, policy as run } from "../../stacks/commands/policy";
import { configurationWarnings } from "../../environments/validation/warnings";
import { loadConfiguration } from "../../environments/validation/load";
import { RULES } from "../../constructs/policy/rules";
import type { EnvironmentConfig } from "../../environments/environment-config";
import type { BootstrapConfig } from "../../environments/bootstrap-config";
import { bootstrap } from "../../environments/bootstrap";
import { listenToConsole } from "../support/console";
import { minimal, organization } from "../support/environments";

const { printed, complained } = listenToConsole();

/** Two errors that synth would stop at, and one stale exception. */
const careless: EnvironmentConfig = {
  ...minimal,
  name: "careless",
  code: "cls",
  keyVault: { purgeProtection: false },
  policy: {
    exceptions: [
      ...(minimal.policy?.exceptions ?? []),
      { rule: "compute-scales-to-zero", reason: "Jobs cannot wait for a node." },
    ],
  },
};

const policy = (
  args: readonly string[],
  environments: readonly EnvironmentConfig[],
  ofBootstrap?: BootstrapConfig,
  warnings: PolicyInput["warnings"] = [],
): number =>
  run(args, () => ({
    organization,
    environments,
    warnings,
    ...(ofBootstrap !== undefined && { bootstrap: ofBootstrap }),
  }));

const text = (): string => printed.join("\n");

test("prints a table of rules and environments, and suppressed findings with their reason", () => {
  expect(policy([], [minimal])).toBe(0);
  expect(text()).toMatch(/^rule +level +test\n/);
  expect(text()).toMatch(/^storage-minimum-tls +error +\d passed$/m);
  expect(text()).toMatch(/^public-network-access +error +\d suppressed$/m);
  expect(text()).toContain(
    "suppressed in test: public-network-access: There is no private network in tests.\n  Vault/",
  );
  expect(text()).toMatch(/^30 rules, 1 stack: 0 errors, 0 warnings, \d+ suppressed$/m);
});

test("reports what synth would stop at, and ends with 1", () => {
  expect(policy([], [minimal, careless])).toBe(1);
  expect(text()).toContain(
    "error: careless: Vault/Resource purge_protection_enabled is false; allowed: true; " +
      "do: set it to true; it cannot be switched off again [vault-purge-protection]",
  );
  expect(text()).toContain("error: careless: WorkspaceVault/Resource purge_protection_enabled is false");
  expect(text()).toContain(
    'warning: careless: exception from compute-scales-to-zero is "stale"; allowed: exceptions that accept a finding; ' +
      "do: remove it from policy.exceptions [stale-exception]",
  );
  expect(text()).toContain("30 rules, 2 stacks: 2 errors, 1 warnings");
});

test("takes the environments that are named", () => {
  expect(policy(["test"], [minimal, careless])).toBe(0);
  expect(text()).not.toContain("careless");
});

test("puts the bootstrap to the rules as well, which is made from every environment", () => {
  expect(policy([], [minimal], bootstrap)).toBe(0);
  expect(text()).toMatch(/^rule +level +test +bootstrap$/m);
  printed.length = 0;
  expect(policy(["bootstrap"], [minimal], bootstrap)).toBe(0);
  expect(text()).toMatch(/^rule +level +bootstrap$/m);
  expect(text()).toMatch(/^no-secret-literals +error +\d+ passed$/m);
});

test("prints the same as JSON", () => {
  expect(policy(["--json"], [careless])).toBe(1);
  const [report] = JSON.parse(text()) as { stack: string; rules: unknown[]; findings: { rule: string }[] }[];
  expect(report?.stack).toBe("careless");
  expect(report?.rules).toHaveLength(RULES.length);
  expect(report?.findings.map(({ rule }) => rule)).toEqual(
    expect.arrayContaining(["vault-purge-protection", "stale-exception"]),
  );
});

test("prints the same for a pull request, errors first", () => {
  expect(policy(["--markdown"], [careless])).toBe(1);
  const headings = text().match(/^#+ .*$/gm);
  expect(headings).toEqual(["## Rules", "### Errors", "### Warnings", "### Suppressed"]);
  expect(text()).toContain("| storage-minimum-tls | error | ");
});

test("lists the rules with their names elsewhere", () => {
  expect(policy(["--rules"], [minimal])).toBe(0);
  expect(text()).toContain("vault-purge-protection (error)\n");
  expect(text()).toContain("  checkov: CKV_AZURE_110\n  PSRule:  Azure.KeyVault.PurgeProtect");
  printed.length = 0;
  policy(["--rules", "--json"], [minimal]);
  expect(JSON.parse(text())).toHaveLength(RULES.length);
  expect(JSON.parse(text())).toContainEqual({
    id: "hub-minimum-tls",
    level: "error",
    what: expect.any(String),
    why: expect.any(String),
    checkov: [],
    psrule: ["Azure.IoTHub.MinTLS"],
  });
});

describe("the shipped configuration", () => {
  const shipped = (...args: string[]): number =>
    run(args, () => {
      const loaded = loadConfiguration();
      return { ...loaded, warnings: configurationWarnings(loaded) };
    });

  test("names every placeholder as a warning, with file and path", () => {
    expect(shipped()).toBe(0);
    const placeholders = text()
      .split("\n")
      .flatMap((line) => /^warning: configuration: (\S+ \S+) is .*\[placeholder\]$/.exec(line)?.[1] ?? []);
    expect(placeholders).toEqual([
      "environments/organization.ts nameSeed",
      "environments/dev.ts alerts.receivers.platform-team",
      "environments/staging.ts backend.organization",
      "environments/staging.ts access.contributors.platform-team.objectId",
      "environments/staging.ts alerts.receivers.platform-team",
      "environments/prod.ts subscriptionId",
      "environments/prod.ts backend.organization",
      "environments/prod.ts access.contributors.platform-team.objectId",
      "environments/prod.ts access.contributors.pipeline.objectId",
      "environments/prod.ts access.analysts.plant-engineers.objectId",
      "environments/prod.ts edge.devices[2].hostname",
      "environments/prod.ts alerts.receivers.control-room",
      "environments/prod.ts alerts.receivers.platform-team",
      "environments/bootstrap.ts subscriptionId",
      "environments/bootstrap.ts operators.jane-doe",
      "environments/bootstrap.ts github.owner",
    ]);
  });

  test("is refused before a plan, for the stacks that are named", () => {
    expect(shipped("--strict-placeholders")).toBe(3);
    printed.length = 0;
    expect(shipped("--strict-placeholders", "dev")).toBe(3);
    expect(text()).toContain("environments/organization.ts nameSeed");
    expect(text()).not.toContain("environments/prod.ts");
  });
});

test("without placeholders nothing is refused", () => {
  const warnings = [
    {
      rule: "provider-lock",
      owner: "repository",
      file: "locks",
      path: "x",
      value: 1,
      allowed: "a",
      remedy: "b",
    } as const,
  ];
  expect(policy(["--strict-placeholders"], [minimal], undefined, warnings)).toBe(0);
  expect(text()).toContain("warning: configuration: locks x is 1; allowed: a; do: b [provider-lock]");
  expect(text()).toContain(`\n${RULES.length} rules, 1 stack: 0 errors, 1 warnings`);
});

test("errors weigh more than placeholders", () => {
  const placeholder = {
    rule: "placeholder",
    owner: "careless",
    file: "f",
    path: "x",
    value: 1,
    allowed: "a",
    remedy: "b",
  } as const;
  expect(policy(["--strict-placeholders"], [careless], undefined, [placeholder])).toBe(1);
  expect(policy(["--strict-placeholders", "test"], [minimal, careless], undefined, [placeholder])).toBe(0);
});

test.each([
  [["--yaml"], "unknown argument --yaml"],
  [["production"], "no stack production; there are test"],
  [["--json", "--markdown"], "choose --json or --markdown"],
])("refuses %j", (args, reason) => {
  expect(policy(args, [minimal])).toBe(2);
  expect(complained.join("\n")).toMatch(new RegExp(`^${reason}\n`));
});

test("explains itself", () => {
  expect(policy(["--help"], [minimal])).toBe(0);
  expect(text()).toContain("Exit status: 0 no errors");
});
