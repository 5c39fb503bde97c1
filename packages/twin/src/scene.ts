import { twinId } from "./ids";
import { placedMachines, type PlacedMachine, type Plant } from "./plant";

/** What is known of a site's 3D asset. */
export interface SiteScene {
  /** Address of its GLTF or GLB file in the scenes' container. */
  readonly asset: string;
  /** Names of the meshes of machines in it, by machine id. @default - a mesh with the name of the machine id */
  readonly meshes?: Readonly<Record<string, readonly string[]>>;
}

/** `3DScenesConfiguration.json` of 3D Scenes Studio. */
export interface SceneConfiguration {
  readonly $schema: string;
  readonly configuration: {
    readonly scenes: readonly unknown[];
    readonly behaviors: readonly unknown[];
    readonly layers: readonly unknown[];
  };
}

const SCHEMA =
  "https://github.com/microsoft/iot-cardboard-js/tree/main/schemas/3DScenesConfiguration/v1.0.0/3DScenesConfiguration.schema.json";

const BEHAVIOR = "machine-health";

/** Colours by health, each from its level on. */
const COLOURS = [
  { id: "normal", from: 0, to: 1, color: "#26C485" },
  { id: "info", from: 1, to: 2, color: "#33A1FD" },
  { id: "warning", from: 2, to: 3, color: "#F7AF28" },
  { id: "critical", from: 3, to: "Infinity", color: "#C32F27" },
] as const;

/** Milliseconds between two looks at the twins: their state changes with episodes, not with messages. */
const POLLING_MS = 10_000;

/**
 * A scene for each site, in which the meshes of machines have the colour of their health, and a badge while episodes are open. After
 * the studio's published schema (github.com/microsoft/iot-cardboard-js, version 1.0.0); the studio is a preview.
 *
 * @param sceneOf what is known of a site's asset
 */
export function sceneConfiguration(plant: Plant, sceneOf: (site: string) => SiteScene): SceneConfiguration {
  const machines = placedMachines(plant);
  const sites = [...new Set(machines.map(({ site }) => site))].sort();
  return {
    $schema: SCHEMA,
    configuration: {
      scenes: sites.map((site) =>
        scene(
          site,
          machines.filter((machine) => machine.site === site),
          sceneOf(site),
        ),
      ),
      behaviors: [behavior(machines)],
      layers: [{ id: "health", displayName: "Health", behaviorIDs: [BEHAVIOR] }],
    },
  };
}

function scene(site: string, machines: readonly PlacedMachine[], { asset, meshes = {} }: SiteScene): object {
  return {
    id: twinId("site", site),
    displayName: site,
    assets: [{ type: "3DAsset", url: asset }],
    elements: machines.map(({ id, name }) => ({
      type: "TwinToObjectMapping",
      id: elementId(id),
      displayName: name,
      primaryTwinID: twinId("machine", id),
      objectIDs: Object.hasOwn(meshes, id) ? meshes[id] : [id],
    })),
    behaviorIDs: [BEHAVIOR],
    pollingConfiguration: { minimumPollingFrequency: POLLING_MS },
  };
}

const elementId = (machine: string): string => twinId("machine", machine);

function behavior(machines: readonly PlacedMachine[]): object {
  return {
    id: BEHAVIOR,
    displayName: "Machine health",
    datasources: [
      { type: "ElementTwinToObjectMappingDataSource", elementIDs: machines.map(({ id }) => elementId(id)) },
    ],
    visuals: [
      {
        type: "ExpressionRangeVisual",
        expressionType: "NumericRange",
        valueExpression: "PrimaryTwin.healthLevel",
        objectIDs: { expression: "objectIDs" },
        valueRanges: COLOURS.map(({ id, from, to, color }) => ({ id, values: [from, to], visual: { color } })),
      },
      {
        type: "ExpressionRangeVisual",
        expressionType: "CategoricalValues",
        valueExpression: "PrimaryTwin.openEpisodes > 0",
        objectIDs: { expression: "objectIDs" },
        valueRanges: [
          {
            id: "open-episodes",
            values: [true],
            visual: {
              color: "#C32F27",
              iconName: "Ringer",
              labelExpression: "`${PrimaryTwin.name}: ${PrimaryTwin.lastAnomaly.explanation}`",
            },
          },
        ],
      },
      {
        type: "Popover",
        title: "Machine",
        objectIDs: { expression: "objectIDs" },
        widgetGroups: [],
        widgets: ["name", "health", "openEpisodes"].map((property) => ({
          type: "Value",
          id: property,
          widgetConfiguration: {
            displayName: DISPLAY_NAMES[property] ?? property,
            valueExpression: `PrimaryTwin.${property}`,
            type: property === "openEpisodes" ? "integer" : "string",
          },
        })),
      },
    ],
  };
}

const DISPLAY_NAMES: Readonly<Record<string, string>> = {
  name: "Machine",
  health: "Health",
  openEpisodes: "Open episodes",
};
