/** A plan that nobody made, for measuring and testing: the same for the same seed and size. */
export interface GeneratedPlan {
  /** Changes of objects, no-ops not counted. */
  readonly changes: number;
  /** Objects that stay as they are, each with its values. @default 0 */
  readonly unchanged?: number;
  /** @default 1 */
  readonly seed?: number;
}

type Values = Readonly<Record<string, unknown>>;

/** An object of a type: values by number, and what an update changes in them. */
interface ObjectKind {
  readonly type: string;
  readonly values: (index: number) => Values;
  readonly changed: (values: Values, index: number) => Values;
  readonly forcedBy: string;
  readonly mask?: Values;
}

const ID = "/subscriptions/00000000-0000-0000-0000-000000000000/resourceGroups/rg-plant/providers";
const TAGS = { environment: "prod", purpose: "anomaly-detection", owner: "platform-team", "cost-center": "4711" };
const common = (index: number, name: string): Values => ({
  id: `${ID}/Microsoft.Things/things/${name}-${index}`,
  name: `${name}-${index}`,
  location: "westeurope",
  resource_group_name: "rg-plant",
  tags: TAGS,
  timeouts: null,
});

function manifest(version: string): string {
  const module = (image: string): Values => ({
    type: "docker",
    status: "running",
    restartPolicy: "always",
    startupOrder: 10,
    settings: { image: `registry.example/${image}:${version}`, createOptions: '{"HostConfig":{"Memory":536870912}}' },
  });
  return JSON.stringify({
    $edgeAgent: {
      "properties.desired.modules.detector": module("detector"),
      "properties.desired.modules.sensor": module("sensor"),
    },
    $edgeHub: { "properties.desired.routes.up": { route: "FROM /messages/* INTO $upstream" } },
    detector: { "properties.desired.signals": { temperature: "machine.temperature" } },
  });
}

const query = (seconds: number): string =>
  Array.from(
    { length: 20 },
    (_none, line) => `  line${line} OVER (LIMIT DURATION(second, ${line % 7 === 0 ? seconds : 60}))`,
  ).join("\n");

const KINDS: readonly ObjectKind[] = [
  {
    type: "azurerm_monitor_diagnostic_setting",
    values: (index) => ({
      ...common(index, "diagnostics"),
      enabled_log: ["Connections", "Routes", "DeviceTelemetry"].map((category) => ({ category, category_group: "" })),
    }),
    changed: (values) => ({ ...values, enabled_log: [{ category: "Routes", category_group: "" }] }),
    forcedBy: "target_resource_id",
  },
  {
    type: "azurerm_role_assignment",
    values: (index) => ({
      ...common(index, "role"),
      principal_id: `principal-${index}`,
      role_definition_name: "Reader",
    }),
    changed: (values) => ({ ...values, role_definition_name: "Contributor" }),
    forcedBy: "role_definition_name",
  },
  {
    type: "azurerm_storage_account",
    values: (index) => ({
      ...common(index, "st"),
      account_tier: "Standard",
      primary_access_key: `key-of-account-${index}-0123456789`,
      network_rules: [{ default_action: "Deny", ip_rules: ["10.0.0.1", "10.0.0.2"], virtual_network_subnet_ids: [] }],
    }),
    changed: (values) => ({
      ...values,
      network_rules: [{ default_action: "Deny", ip_rules: ["10.0.0.2", "10.0.0.3"], virtual_network_subnet_ids: [] }],
    }),
    forcedBy: "account_tier",
    mask: { primary_access_key: true },
  },
  {
    type: "iothub_edge_deployment",
    values: (index) => ({
      ...common(index, "deployment"),
      deployment_id: `detector-${index}-aaaaaaaaaa`,
      modules_content: manifest("1.0.0"),
      target_condition: "tags.ring = 'all'",
    }),
    changed: (values, index) => ({
      ...values,
      deployment_id: `detector-${index}-bbbbbbbbbb`,
      modules_content: manifest("1.1.0"),
    }),
    forcedBy: "modules_content",
  },
  {
    type: "azapi_resource",
    values: (index) => ({
      ...common(index, "job"),
      type: "Microsoft.StreamAnalytics/streamingjobs@2021-10-01-preview",
      body: { properties: { transformation: { name: "main", properties: { query: query(60) } } } },
    }),
    changed: (values) => ({
      ...values,
      body: { properties: { transformation: { name: "main", properties: { query: query(120) } } } },
    }),
    forcedBy: "name",
  },
  {
    type: "iothub_device",
    values: (index) => ({
      ...common(index, "device"),
      device_id: `press-${index}`,
      edge_enabled: true,
      status: "enabled",
    }),
    changed: (values) => ({ ...values, status: "disabled" }),
    forcedBy: "device_id",
  },
  {
    type: "azurerm_key_vault_secret",
    values: (index) => ({ ...common(index, "secret"), value: `secret-value-of-${index}`, version: `v${index}` }),
    changed: (values, index) => ({ ...values, value: `another-secret-value-of-${index}` }),
    forcedBy: "name",
    mask: { value: true },
  },
];

/** Actions of every twenty changes: half of them updates, a few that take away. */
const ACTIONS: readonly (readonly string[])[] = [
  ...Array.from({ length: 10 }, () => ["update"]),
  ...Array.from({ length: 6 }, () => ["create"]),
  ["delete"],
  ["delete", "create"],
  ["create", "delete"],
  ["forget"],
];

/** Pieces of the text of a plan as `terraform show -json` writes it: one line, values three times. */
export function* generatedPlan({ changes, unchanged = 0, seed = 1 }: GeneratedPlan): Generator<string> {
  const total = changes + unchanged;
  const kinds = Array.from(
    randomNumbers(seed, total),
    (random) => KINDS[Math.floor(random * KINDS.length)] ?? KINDS[0],
  );
  const each = function* (piece: (kind: ObjectKind, index: number) => Values): Generator<string> {
    for (const [index, kind] of kinds.entries()) {
      yield (index === 0 ? "" : ",") + (kind === undefined ? "" : JSON.stringify(piece(kind, index)));
    }
  };
  const named = ({ type }: ObjectKind, index: number): Values => ({
    address: `${type}.Part_${index % 1000}["key-${index}"]`,
    mode: "managed",
    type,
    name: `Part_${index % 1000}`,
    index: `key-${index}`,
    provider_name: "registry.terraform.io/example/example",
  });
  const state = (kind: ObjectKind, index: number): Values => ({
    ...named(kind, index),
    schema_version: 0,
    values: kind.values(index),
    sensitive_values: kind.mask ?? {},
  });
  yield '{"format_version":"1.2","terraform_version":"1.11.4","planned_values":{"root_module":{"resources":[';
  yield* each(state);
  yield ']}},"resource_changes":[';
  yield* each((kind, index) => ({
    ...named(kind, index),
    change: index < changes ? change(kind, index) : { ...change(kind, index), actions: ["no-op"] },
  }));
  yield '],"prior_state":{"format_version":"1.0","values":{"root_module":{"resources":[';
  yield* each(state);
  yield ']}}},"configuration":{"root_module":{}},"applyable":true,"complete":true,"errored":false}';
}

function change(kind: ObjectKind, index: number): Values {
  const actions = ACTIONS[index % ACTIONS.length] ?? ["update"];
  const before = kind.values(index);
  const isReplaced = actions.length === 2;
  return {
    actions,
    before: actions[0] === "create" && !isReplaced ? null : before,
    after: actions.some((action) => action === "create" || action === "update") ? kind.changed(before, index) : null,
    after_unknown: isReplaced ? { id: true } : {},
    before_sensitive: kind.mask ?? {},
    after_sensitive: kind.mask ?? {},
    ...(isReplaced && { replace_paths: [[kind.forcedBy]] }),
  };
}

/** Numbers from 0 to 1 (mulberry32). */
function* randomNumbers(seed: number, count: number): Generator<number> {
  let state = seed;
  for (let index = 0; index < count; index += 1) {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    yield ((mixed ^ (mixed >>> 14)) >>> 0) / 4294967296;
  }
}
