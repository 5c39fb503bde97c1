import { Testing } from "cdktf";
import fc from "fast-check";
import { RULES } from "../../constructs/policy/rules";
import { allNames } from "../../constructs/shared/names";
import { ValidationError } from "@edge-anomaly-detection/common";
import type { EnvironmentConfig, OrganizationConfig } from "../../environments/environment-config";
import { assertValidEnvironments } from "../../environments/validation/across-environments";
import { environmentProblems } from "../../environments/validation/environment-problems";
import { nameParts } from "../../environments/validation/name-parts";
import { EnvironmentStack } from "../../stacks/environment-stack";
import { validQuery } from "../edge-manifests/stream-analytics-query.arbitrary";
import { validParts } from "../shared/names.arbitrary";
import { providerRefusals } from "../support/provider-rules";
import { type StackJson, writtenByCdktf } from "../support/synth";

// Synthesizes whole environments, with PROPERTY_RUNS many of them.
jest.setTimeout(120_000);

const name = fc.stringMatching(/^[a-z][a-z0-9-]{0,12}[a-z0-9]$/);
const optional = <T>(shape: { [K in keyof T]: fc.Arbitrary<T[K]> }): fc.Arbitrary<Partial<T>> =>
  fc.record(shape, { requiredKeys: [] }) as fc.Arbitrary<Partial<T>>;
const guid = fc.uuid();
const principals = fc.dictionary(
  name,
  fc.record({ objectId: guid, type: fc.constantFrom("User" as const, "Group" as const, "ServicePrincipal" as const) }),
  { maxKeys: 3 },
);
const tags = fc.dictionary(
  fc.stringMatching(/^[a-z]{1,12}$/).filter((tag) => tag !== "environment"),
  fc.string({ maxLength: 30 }).filter((text) => !/[$%]\{/.test(text)),
  { maxKeys: 4 },
);

const backend = fc.oneof(
  fc.constant({ kind: "local" as const }),
  fc.record({ kind: fc.constant("cloud" as const), organization: fc.stringMatching(/^[a-z]{3,20}$/), workspace: name }),
  fc.record({
    kind: fc.constant("azurerm" as const),
    resourceGroupName: name,
    storageAccountName: fc.stringMatching(/^[a-z0-9]{3,24}$/),
    containerName: fc.stringMatching(/^[a-z]{3,20}$/),
    key: fc.stringMatching(/^[a-z]{1,20}$/),
  }),
);

const edge = fc
  .uniqueArray(fc.stringMatching(/^[a-z][a-z0-9-]{0,20}[a-z0-9]$/), { minLength: 0, maxLength: 4 })
  .chain((ids) =>
    fc.record(
      {
        devices: fc.constant(
          ids.map((id, index) => ({
            id,
            tags: { ring: index === 0 ? "canary" : "fleet" },
            ...(index === 3 && { parent: ids[0] ?? "" }),
            ...(index === 1 && { authentication: { kind: "certificateAuthority" as const } }),
          })),
        ),
        versions: fc.constant({ v1: { detector: "1.0.0" }, v2: { detector: "1.1.0", runtime: "1.6.1" } }),
        rings: fc.constant({
          canary: { version: "v2", where: { ring: "canary" } },
          fleet: { version: "v1", where: { ring: "fleet" } },
        }),
        analysers: fc.constantFrom({}, { detector: false }, { streamAnalytics: false }),
        simulatedSensorSeconds: fc.integer({ min: 1, max: 86_400 }),
        telemetryToCloud: fc.boolean(),
        timeToLiveSeconds: fc.integer({ min: 0, max: 2_592_000 }),
      },
      { requiredKeys: ["devices", "versions", "rings"] },
    ),
  );

/** What the rules think of random configurations is not the point here. */
const ANY_FINDING = RULES.map(({ id }) => ({ rule: id, reason: "Random configurations do as they please." }));

/** Settings that depend on nothing generated. An arbitrary is built once: building it costs more than drawing from it. */
const independentSettings = {
  name,
  backend,
  tags,
  protection: fc
    .record({ preventDestroy: fc.boolean(), purgeOnDestroy: fc.boolean() })
    .filter(({ preventDestroy, purgeOnDestroy }) => !(preventDestroy && purgeOnDestroy)),
  access: optional({ contributors: principals, readers: principals }),
  keyVault: optional({ softDeleteDays: fc.integer({ min: 7, max: 90 }), purgeProtection: fc.boolean() }),
  lake: optional({ replication: fc.constantFrom("LRS" as const, "ZRS" as const, "GRS" as const) }),
  machineLearning: optional({
    maxNodes: fc.integer({ min: 1, max: 100 }),
    idleMinutes: fc.integer({ min: 1, max: 1_440 }),
  }),
  hub: optional({
    sku: fc.constantFrom("S1" as const, "S2" as const, "S3" as const),
    units: fc.integer({ min: 1, max: 10 }),
    partitions: fc.integer({ min: 2, max: 32 }),
    retentionDays: fc.integer({ min: 1, max: 7 }),
    readers: fc.uniqueArray(fc.stringMatching(/^[a-z0-9._-]{1,50}$/), { maxLength: 4 }),
  }),
  routing: optional({ telemetryToLake: fc.boolean(), batchSeconds: fc.integer({ min: 60, max: 720 }) }),
  edge: fc.option(edge, { nil: undefined }),
  logs: optional({ retentionDays: fc.integer({ min: 30, max: 730 }), anomalyFeed: fc.boolean() }),
  alerts: fc.record({
    receivers: fc.dictionary(
      fc.stringMatching(/^[a-z]{1,12}$/),
      fc.stringMatching(/^[a-z]{1,8}@[a-z]{1,8}\.[a-z]{2,3}$/),
      {
        minKeys: 1,
        maxKeys: 4,
      },
    ),
    minimumConnectedDevices: fc.integer({ min: 0, max: 1_000 }),
  }),
  budget: fc.record({ monthlyAmount: fc.integer({ min: 1, max: 100_000 }) }),
  policy: fc.constant({ exceptions: ANY_FINDING }),
};

/** Records over the whole of what the rules take, every optional part there or not. */
const validRecord: fc.Arbitrary<{ organization: OrganizationConfig; environment: EnvironmentConfig }> = fc
  .record({ parts: validParts, tags, query: validQuery })
  .chain(({ parts, tags: organizationTags, query }) =>
    fc.record({
      organization: fc.constant({ workload: parts.workload, nameSeed: parts.seed, tags: organizationTags }),
      environment: fc.record({
        ...independentSettings,
        code: fc.constant(parts.code),
        location: fc.constant(parts.location),
        streamAnalytics: fc.constant(query),
      }),
    }),
  );

function synth(organization: OrganizationConfig, environment: EnvironmentConfig): object {
  assertValidEnvironments(organization, [environment]);
  const stack = new EnvironmentStack(Testing.app(), environment.name, { organization, environment });
  const json = JSON.parse(Testing.synth(stack, true)) as StackJson;
  expect(providerRefusals(json)).toEqual([]);
  expect(stack.toTerraform()).toStrictEqual(writtenByCdktf(stack));
  return json;
}

test("every valid configuration has names within their limits, no two the same, and synthesizes", () => {
  let synthesized = 0;
  fc.assert(
    fc.property(validRecord, ({ organization, environment }) => {
      const problems = environmentProblems(organization, environment);
      // Generated apart, principals, receivers and signals may still repeat each other; that is a mistake like any other.
      fc.pre(problems.every(({ allowed }) => /does not have$|does not overlap/.test(allowed)));
      fc.pre(problems.length === 0);
      const names = allNames(nameParts(organization, environment));
      expect(
        names.filter(({ rule, name: n }) => n.length < rule.min || n.length > rule.max || !rule.form.test(n)),
      ).toEqual([]);
      expect(new Set(names.map(({ name: n }) => n)).size).toBe(names.length);
      expect(Object.keys(synth(organization, environment))).toContain("resource");
      synthesized += 1;
    }),
    { numRuns: 20 },
  );
  expect(synthesized).toBeGreaterThanOrEqual(20);
});

/** What somebody might type instead of a value. */
const anything = fc.oneof(
  fc.integer(),
  fc.double(),
  fc.string(),
  fc.constantFrom("", "B1", "West Europe", "${x}", "é", -1, 0, Number.NaN, 1e9),
  fc.constant([]),
  fc.constant({}),
);

interface Leaf {
  readonly path: readonly (string | number)[];
}

function leaves(value: unknown, path: readonly (string | number)[] = []): Leaf[] {
  if (typeof value !== "object" || value === null) {
    return [{ path }];
  }
  const entries: [string | number, unknown][] = Array.isArray(value)
    ? value.map((v, i) => [i, v])
    : Object.entries(value);
  return entries.flatMap(([key, inner]) => leaves(inner, [...path, key]));
}

/** The same configuration with something else of the same type in one place; other types are the compiler's business. */
function withLeaf(value: unknown, [key, ...rest]: readonly (string | number)[], to: unknown): unknown {
  if (key === undefined) {
    return typeof to === typeof value ? to : value;
  }
  const copy: Record<string | number, unknown> = Array.isArray(value)
    ? (Object.assign([], value) as unknown as Record<string | number, unknown>)
    : { ...(value as object) };
  copy[key] = withLeaf(copy[key], rest, to);
  return copy;
}

test("every configuration with anything in place of a few of its values synthesizes or reports what is invalid, and nothing else", () => {
  const outcomes = { synthesized: 0, refused: 0 };
  fc.assert(
    fc.property(
      validRecord,
      fc.array(fc.tuple(fc.nat(), anything), { minLength: 1, maxLength: 4 }),
      (configuration, changes) => {
        const places = leaves(configuration);
        const changed = changes.reduce<unknown>(
          (value, [index, to]) => withLeaf(value, places[index % places.length]?.path ?? [], to),
          configuration,
        ) as typeof configuration;
        try {
          synth(changed.organization, changed.environment);
          outcomes.synthesized += 1;
        } catch (error) {
          expect(error).toBeInstanceOf(ValidationError);
          expect((error as ValidationError).problems.length).toBeGreaterThan(0);
          outcomes.refused += 1;
        }
      },
    ),
    { numRuns: 50 },
  );
  // Both ways out were really taken.
  expect(outcomes.synthesized).toBeGreaterThan(1);
  expect(outcomes.refused).toBeGreaterThan(5);
});
