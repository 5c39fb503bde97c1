import { modelImageTag } from "../../edge-manifests/model-image";
import { Testing } from "cdktf";
import type { EdgeSettings } from "../../constructs/edge/edge-settings";
import type { EnvironmentConfig } from "../../environments/environment-config";
import { EnvironmentStack } from "../../stacks/environment-stack";
import { minimal, organization } from "../support/environments";
import { all, at, type Block, find, type StackJson } from "../support/synth";

const edge: EdgeSettings = {
  devices: [
    { id: "press-02", tags: { ring: "fleet" } },
    { id: "press-03", tags: { ring: "canary" } },
  ],
  versions: { old: { runtime: "1.6.0", detector: "1.0.0" }, new: { runtime: "1.6.1", detector: "1.0.0" } },
  rings: {
    canary: { version: "new", where: { ring: "canary" } },
    fleet: { version: "old", where: { ring: "fleet" } },
  },
};
const environment: EnvironmentConfig = { ...minimal, edge };

function synth(overrides: Partial<EdgeSettings>, others: Partial<EnvironmentConfig> = {}): StackJson {
  const configuration = { ...environment, ...others, edge: { ...edge, ...overrides } };
  return JSON.parse(
    Testing.synth(new EnvironmentStack(Testing.app(), "test", { organization, environment: configuration }), true),
  ) as StackJson;
}

const base = synth({});

/** Ids of deployments by layer and ring; those that are only known at apply stand as their expression. */
function ids(json: StackJson): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(json.resource.iothub_edge_deployment ?? {}).flatMap(([id, block]) =>
      Object.entries(block.for_each as Record<string, Block>).map(([ring, entry]) => [
        `${id.split("_")[1] ?? ""} ${ring}`,
        entry.id ?? block.deployment_id,
      ]),
    ),
  );
}

const changed = (json: StackJson): string[] =>
  Object.entries(ids(json))
    .filter(([name, id]) => ids(base)[name] !== id)
    .map(([name]) => name);

test("each ring has a deployment of each layer", () => {
  expect(Object.keys(ids(base)).sort()).toEqual(
    ["Base", "Detector", "Gateway", "RegistryAccess", "StreamAnalytics"].flatMap((layer) => [
      `${layer} canary`,
      `${layer} fleet`,
    ]),
  );
});

test("another module image changes the id of one deployment and of no other", () => {
  const versions = { ...edge.versions, new: { runtime: "1.6.1", detector: "1.0.1" } };
  expect(changed(synth({ versions }))).toEqual(["Detector canary"]);
});

test("a device more changes nothing but the list of devices", () => {
  const json = synth({ devices: [{ id: "aaa-first", tags: { ring: "fleet" } }, ...(edge.devices ?? [])] });
  expect({ ...json, locals: {} }).toEqual({ ...base, locals: {} });
});

test("promoting is one changed line, and rolling back is the same line changed back", () => {
  const promoted = synth({ rings: { ...edge.rings, fleet: { version: "new", where: { ring: "fleet" } } } });
  expect(changed(promoted)).toEqual(["Base fleet", "Gateway fleet"]);
  expect(at(find(promoted, "iothub_edge_deployment", "Rollout_Detector"), "for_each.fleet.version")).toBe("new");
  expect(ids(synth({ rings: edge.rings }))).toEqual(ids(base));
});

test("layers rank above their base, and the configuration may say how", () => {
  const rank = (json: StackJson, layer: string): unknown =>
    find(json, "iothub_edge_deployment", `Rollout_${layer}`).priority;
  expect(["Base", "RegistryAccess", "Detector", "StreamAnalytics"].map((layer) => rank(base, layer))).toEqual([
    10, 20, 40, 50,
  ]);
  expect(rank(synth({ priorities: { detector: 45 } }), "Detector")).toBe(45);
});

test("target conditions ask for tags, never for device ids", () => {
  const text = JSON.stringify(base.resource.iothub_edge_deployment);
  expect(text).toContain("tags.environment = 'test' AND tags.ring = 'canary'");
  expect(text).not.toContain("press-0");
});

test("the signed link stands in the Stream Analytics layer alone, and other plans stay readable", () => {
  const readable = Object.entries(base.resource.iothub_edge_deployment ?? {}).filter(([, block]) =>
    String(block.modules_content).includes("each.value.content"),
  );
  expect(readable.map(([id]) => id.replace(/_[0-9A-F]{8}$/, ""))).toEqual([
    "Rollout_Base",
    "Rollout_Detector",
    "Rollout_Gateway",
  ]);
  const locals = (base as unknown as { locals: Record<string, unknown> }).locals;
  const withLink = Object.entries(locals).filter(([, value]) => JSON.stringify(value).includes("sensitive_output"));
  expect(withLink.map(([id]) => id.replace(/_[0-9A-F]{8}$/, ""))).toEqual(["Rollout_Published"]);
});

describe("without Stream Analytics on devices", () => {
  const json = synth({ analysers: { streamAnalytics: false } });

  test("there is no job and nothing is published", () => {
    expect(all(json, "azapi_resource").filter(({ type }) => String(type).includes("StreamAnalytics"))).toEqual([]);
    expect(JSON.stringify(json)).not.toContain("publishedgepackage");
    expect(Object.keys(ids(json))).not.toContain("StreamAnalytics canary");
  });

  test("the detector still reaches the cloud", () => {
    const content = at(find(json, "iothub_edge_deployment", "Rollout_Detector"), "for_each.canary.content");
    expect(content).toContain("FROM /messages/modules/anomalyDetector/outputs/anomalyOutput INTO $upstream");
  });
});

describe("without the detector", () => {
  const json = synth({ analysers: { detector: false } });

  test("devices need no access to the registry", () => {
    expect(all(json, "azurerm_container_registry_token")).toEqual([]);
    expect(Object.keys(ids(json)).filter((name) => /Detector|Registry/.test(name))).toEqual([]);
  });
});

test("what a configuration says reaches devices", () => {
  const content = (layer: string, overrides: Partial<EdgeSettings>): unknown =>
    at(find(synth(overrides), "iothub_edge_deployment", `Rollout_${layer}`), "for_each.canary.content");
  expect(content("Base", { timeToLiveSeconds: 99 })).toContain('"timeToLiveSecs":99');
  expect(content("Base", { telemetryToCloud: true })).toContain("telemetryToCloud");
  expect(content("SimulatedSensor", { simulatedSensorSeconds: 7 })).toContain('SendInterval":7');
  const model = { uri: "https://m.example/a.onnx", sha256: "0".repeat(64), version: "7", window: 60 };
  const versions = { ...edge.versions, new: { detector: "1.0.0", model } };
  expect(content("Detector", { versions, modelStore: "https://m.example" })).toContain("https://m.example/a.onnx");
  const { uri, ...held } = model;
  expect(uri).toBeDefined();
  const modelImage = `${modelImageTag({ detector: "1.0.0", models: [held.sha256] })}@sha256:${"d".repeat(64)}`;
  const inImage = content("Detector", {
    versions: { ...edge.versions, new: { detector: "1.0.0", model: held, modelImage } },
  });
  expect(inImage).toContain(`/anomaly-detector@sha256:${"d".repeat(64)}"`);
  expect(inImage).toContain(`"properties.desired.model":${JSON.stringify(held)}`);
});

test("devices and deployments come after the roles that allow them", () => {
  const blocks = ["iothub_device", "iothub_edge_deployment"].flatMap((type) => all(base, type));
  for (const { depends_on } of blocks) {
    expect(depends_on).toEqual([expect.stringMatching(/^time_sleep\.Access_Propagation/)]);
  }
});

test("the hub's host is a reference, so that a first plan does not ask a hub that is not there", () => {
  expect(base.provider.iothub).toEqual([
    { hostname: expect.stringMatching(/^\$\{azurerm_iothub\.Hub_\w+\.hostname\}$/) as string },
  ]);
});

test("an environment may have no devices, and deployments for those that come by other means", () => {
  const json = synth({ devices: [] });
  expect(all(json, "iothub_device")).toEqual([]);
  expect(Object.keys(ids(json))).toHaveLength(10);
});

describe("gateways", () => {
  const tagsOf = (overrides: Partial<EdgeSettings>): Record<string, unknown> => {
    const { locals } = synth(overrides) as unknown as { locals: Record<string, Record<string, Block>> };
    const list = Object.entries(locals).find(([id]) => id.startsWith("Devices_List"))?.[1] ?? {};
    return Object.fromEntries(Object.entries(list).map(([id, entry]) => [id, at(entry, "tags.gateway")]));
  };
  const fleet = { tags: { ring: "fleet" } };
  const children = [
    { id: "top", ...fleet },
    { id: "leaf", edge: false, parent: "top" },
    { id: "alone", ...fleet },
  ];

  test.each<[string, Partial<EdgeSettings>, Record<string, unknown>]>([
    ["of sensors, where none is simulated", { devices: children }, { top: "true", alone: "true" }],
    ["with children, where the sensor is simulated", { devices: children, simulatedSensorSeconds: 5 }, { top: "true" }],
    [
      "by a setting",
      {
        devices: [
          { id: "a", gateway: true, ...fleet },
          { id: "b", ...fleet },
        ],
        simulatedSensorSeconds: 5,
      },
      { a: "true" },
    ],
    [
      "not, by a setting",
      {
        devices: [
          { id: "a", gateway: false, ...fleet },
          { id: "b", ...fleet },
        ],
      },
      { b: "true" },
    ],
  ])("%s", (_title, overrides, expected) => {
    const tags = Object.entries(tagsOf(overrides)).filter(([, tag]) => tag !== undefined);
    expect(Object.fromEntries(tags)).toEqual(expected);
  });

  test("get their base by their tag, before that of all others", () => {
    const gateway = find(base, "iothub_edge_deployment", "Rollout_Gateway");
    expect(gateway.priority).toBe(15);
    expect(at(gateway, "for_each.canary.condition")).toBe(
      "tags.environment = 'test' AND tags.ring = 'canary' AND tags.gateway = 'true'",
    );
    expect(at(gateway, "for_each.canary.content")).toContain("HostPort");
    expect(at(find(base, "iothub_edge_deployment", "Rollout_Base"), "for_each.canary.content")).not.toContain(
      "HostPort",
    );
  });

  test("have no deployment where there are none", () => {
    const json = synth({ simulatedSensorSeconds: 5 });
    expect(Object.keys(ids(json)).filter((name) => name.startsWith("Gateway"))).toEqual([]);
  });
});

test("a machine is made for devices that ask for one", () => {
  expect(all(base, "azurerm_linux_virtual_machine")).toEqual([]);
  const devices = [{ id: "sim-01", tags: { ring: "fleet" }, virtualMachine: true }];
  const configuration = { devices, virtualMachineSize: "Standard_B4s_v2" } as Partial<EdgeSettings>;
  expect(find(synth(configuration), "azurerm_linux_virtual_machine").size).toBe("Standard_B4s_v2");
});

test("only packages/terraform-bindings and constructs/edge know the provider", () => {
  const plain = JSON.stringify(
    JSON.parse(Testing.synth(new EnvironmentStack(Testing.app(), "plain", { organization, environment: minimal }))),
  );
  expect(plain).not.toMatch(/mwalser|random_password/);
});
