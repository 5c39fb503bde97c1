import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { documentedReplacements, replacingArguments, statefulType, statefulTypes } from "../index";
import { PROVIDERS, providerSchema, type TypeSchema } from "../../../__tests__/support/schemas";

/** Types of our stacks that hold nothing: what they are made of stands in the configuration. */
const STATELESS = new Set([
  "azapi_resource:microsoft.compute/sshpublickeys",
  // The image that a run made stays in the registry.
  "azapi_resource:microsoft.containerregistry/registries/taskruns",
  "azapi_resource:microsoft.eventgrid/systemtopics/eventsubscriptions",
  "azapi_resource:microsoft.insights/datacollectionrules",
  "azapi_resource:microsoft.logic/workflows",
  "azapi_resource:microsoft.machinelearningservices/workspaces/components/versions",
  "azapi_resource:microsoft.machinelearningservices/workspaces/environments/versions",
  "azapi_resource:microsoft.machinelearningservices/workspaces/schedules",
  "azapi_resource:microsoft.streamanalytics/streamingjobs",
  "azapi_resource:microsoft.streamanalytics/streamingjobs/inputs",
  "azapi_resource:microsoft.streamanalytics/streamingjobs/outputs",
  "azapi_resource:microsoft.streamanalytics/streamingjobs/transformations",
  "azapi_resource_action",
  "azuread_application_federated_identity_credential",
  "azurerm_application_insights_workbook",
  "azurerm_consumption_budget_resource_group",
  "azurerm_container_registry_scope_map",
  "azurerm_container_registry_token",
  "azurerm_container_registry_token_password",
  "azurerm_eventgrid_system_topic",
  "azurerm_iothub_consumer_group",
  "azurerm_iothub_endpoint_storage_container",
  "azurerm_iothub_enrichment",
  "azurerm_iothub_route",
  "azurerm_machine_learning_compute_cluster",
  "azurerm_machine_learning_datastore_datalake_gen2",
  "azurerm_monitor_action_group",
  "azurerm_monitor_diagnostic_setting",
  "azurerm_monitor_metric_alert",
  "azurerm_monitor_scheduled_query_rules_alert_v2",
  "azurerm_network_interface",
  "azurerm_network_security_group",
  "azurerm_role_assignment",
  "azurerm_role_definition",
  "azurerm_storage_management_policy",
  "azurerm_subnet",
  "azurerm_subnet_network_security_group_association",
  "azurerm_virtual_network",
  "iothub_device_twin",
  "iothub_edge_deployment",
  "time_offset",
  "time_rotating",
  "time_sleep",
  "time_static",
]);

interface StackSnapshot {
  readonly resource: Record<string, Record<string, { readonly type?: string }>>;
}

const SNAPSHOTS = join(__dirname, "../../../__tests__/snapshots");
const snapshots = readdirSync(SNAPSHOTS).map(
  (name) => JSON.parse(readFileSync(join(SNAPSHOTS, name), "utf8")) as StackSnapshot,
);

test("of every type that our stacks synthesize it is decided whether its objects hold something", () => {
  const undecided = snapshots
    .flatMap(({ resource }) => Object.entries(resource))
    .flatMap(([type, byId]) =>
      Object.values(byId).map((block) => {
        const armType = type === "azapi_resource" ? block.type : undefined;
        const key = armType === undefined ? type : `${type}:${armType.split("@")[0]?.toLowerCase() ?? ""}`;
        return { key, known: statefulType(type, armType) !== undefined };
      }),
    )
    .filter(({ key, known }) => known === STATELESS.has(key))
    .map(({ key }) => key);
  expect([...new Set(undecided)]).toEqual([]);
});

test("an azapi_resource is known by its ARM type, whatever the version and the letters' case", () => {
  const workspace = statefulType("azapi_resource", "Microsoft.MachineLearningServices/workspaces@2025-06-01");
  expect(workspace).toBeDefined();
  expect(statefulType("azapi_resource", "microsoft.machinelearningservices/WORKSPACES")).toBe(workspace);
  expect(statefulType("azapi_resource", "Microsoft.Logic/workflows@2019-05-01")).toBeUndefined();
  expect(statefulType("azapi_resource")).toBeUndefined();
});

test("names that every object has are no types", () => {
  expect(statefulType("constructor")).toBeUndefined();
  expect(replacingArguments("toString")).toEqual([]);
});

test("what replaces an object is known for types that hold nothing, too", () => {
  expect(replacingArguments("iothub_edge_deployment")).toEqual(["deployment_id", "modules_content"]);
  expect(replacingArguments("azapi_resource")).toEqual(["location", "name", "parent_id"]);
  expect(replacingArguments("azurerm_unheard_of")).toEqual([]);
});

test.each([...statefulTypes()])("%s says in a sentence what is lost, and names no argument twice", (key, known) => {
  expect(known.loses).toMatch(/^[A-Z].{20,170}\.$/);
  const named = [...replacingArguments(typeOf(key)), ...(known.fixed ?? [])];
  expect(new Set(named).size).toBe(named.length);
});

describe("the review's tables against the schemas and rules of the providers", () => {
  const resources = Object.assign({}, ...PROVIDERS.map((name) => providerSchema(name).resources)) as Record<
    string,
    TypeSchema
  >;
  const types = [...statefulTypes().keys()].map(typeOf).filter((type) => !/^(aws|google)_/.test(type));
  const both = [...new Set([...Object.keys(resources), ...types])];

  test.each(both)("%s is replaced by what its provider says, and by nothing else", (type) => {
    const known = Object.entries(resources[type]?.arguments ?? {});
    expect(known).not.toEqual([]);
    const forcing = known.flatMap(([path, flags]) => (flags.includes("f") ? [path] : []));
    const table = replacingArguments(type);
    const covers =
      (path: string) =>
      (argument: string): boolean =>
        argument === path || argument.startsWith(`${path}.`) || path.startsWith(`${argument}.`);
    expect(forcing.filter((argument) => !table.some((path) => covers(path)(argument)))).toEqual([]);
    const documented = documentedReplacements(type);
    expect(table.filter((path) => !forcing.some(covers(path)) && !documented.includes(path))).toEqual([]);
    // What a schema has come to say needs no word of ours.
    expect(documented.filter((path) => forcing.includes(path))).toEqual([]);
  });

  test.each([...statefulTypes()])(
    "the arguments that Azure fixes in %s exist, and do not replace it",
    (key, { fixed }) => {
      const flags = (fixed ?? []).map((path) => resources[typeOf(key)]?.arguments[path]);
      expect(flags.filter((letters) => letters === undefined || letters.includes("f"))).toEqual([]);
    },
  );

  test("every type that a stack synthesizes is in the recorded schemas", () => {
    const unknown = snapshots
      .flatMap(({ resource }) => Object.keys(resource))
      .filter((type) => resources[type] === undefined);
    expect([...new Set(unknown)]).toEqual([]);
  });
});

/** Terraform's type of a key in the table. */
function typeOf(key: string): string {
  return key.split(":")[0] ?? "";
}
