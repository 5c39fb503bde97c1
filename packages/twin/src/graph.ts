import { type JsonObject, stableJson } from "@edge-anomaly-detection/common";
import { type Kind, KINDS, twinId } from "./ids";
import { modelId, type Model, modelsOf, signalModelId } from "./models";
import { compare, type PlacedMachine, placedMachines, type Plant } from "./plant";

/** A twin as Azure Digital Twins writes it; its other properties are those of its model. */
export interface Twin {
  readonly $dtId: string;
  readonly $metadata: { readonly $model: string };
  readonly [property: string]: unknown;
}

/** A relationship as Azure Digital Twins writes it. */
export interface Relationship {
  /** Source. */
  readonly $dtId: string;
  /** Unique among the relationships of the source. */
  readonly $relationshipId: string;
  readonly $targetId: string;
  readonly $relationshipName: string;
}

/** Twins and how they belong together. */
export interface Graph {
  readonly twins: readonly Twin[];
  readonly relationships: readonly Relationship[];
}

/** Models and graph of a plant. */
export interface PlantTwin extends Graph {
  readonly models: readonly Model[];
}

/** What a machine's twin holds before its first anomaly. */
export const INITIAL_STATE = { health: "normal", healthLevel: 0, openEpisodes: 0, episodes: {} } as const;

/** Models and graph of a plant, the same for the same plant in whatever order it is written. Expects one without problems. */
export function twinOf(plant: Plant): PlantTwin {
  const machines = placedMachines(plant);
  const twins = [
    ...machines.flatMap(placeTwins),
    ...machines.map((machine) => machineTwin(machine, plant)),
    ...machines.flatMap(({ id }) => plant.signals.map((signal) => signalTwin(id, signal.name, signal.unit))),
    ...detectorTwins(plant),
  ];
  const relationships = [
    ...machines.flatMap(placeRelationships),
    ...machines.flatMap(({ id }) =>
      plant.signals.map(({ name }) => relates(twinId("machine", id), "hasSignal", twinId("signal", id, name))),
    ),
    ...machines.flatMap(({ id, analysedBy }) =>
      analysedBy === undefined ? [] : [relates(twinId("detector", analysedBy), "watches", twinId("machine", id))],
    ),
    ...connections(plant),
  ];
  return {
    models: modelsOf(plant.signals),
    twins: unique(twins, ({ $dtId }) => $dtId).sort(
      (a, b) => rankOf(a.$dtId) - rankOf(b.$dtId) || compare(a.$dtId, b.$dtId),
    ),
    relationships: unique(relationships, keyOf).sort((a, b) => compare(keyOf(a), keyOf(b))),
  };
}

/** Identifies a relationship among all. */
export const keyOf = ({ $dtId, $relationshipId }: Relationship): string => `${$dtId} ${$relationshipId}`;

const rankOf = (id: string): number => KINDS.indexOf(id.slice(0, id.indexOf(".")) as Kind);

function unique<T>(items: readonly T[], key: (item: T) => string): T[] {
  return [...new Map(items.map((item) => [key(item), item])).values()];
}

const twin = ($dtId: string, $model: string, properties: Readonly<Record<string, unknown>>): Twin => ({
  $dtId,
  $metadata: { $model },
  ...Object.fromEntries(Object.entries(properties).filter(([, value]) => value !== undefined)),
});

/** Between two twins there is one relationship at most, so the target names it. */
const relates = (source: string, name: string, target: string): Relationship => ({
  $dtId: source,
  $relationshipId: target,
  $targetId: target,
  $relationshipName: name,
});

function placeTwins({ site, line }: PlacedMachine): Twin[] {
  return [
    twin(twinId("site", site), modelId("Site"), { name: site }),
    ...(line === undefined ? [] : [twin(twinId("line", site, line), modelId("Line"), { name: line })]),
  ];
}

function placeRelationships({ id, site, line }: PlacedMachine): Relationship[] {
  const machine = twinId("machine", id);
  if (line === undefined) {
    return [relates(twinId("site", site), "hasMachine", machine)];
  }
  const lineTwin = twinId("line", site, line);
  return [relates(twinId("site", site), "hasLine", lineTwin), relates(lineTwin, "hasMachine", machine)];
}

function machineTwin({ id, name, device }: PlacedMachine, { records = {} }: Plant): Twin {
  const record = Object.hasOwn(records, id) ? records[id] : undefined;
  return twin(twinId("machine", id), modelId("Machine"), {
    name,
    machineId: id,
    deviceId: device,
    equipment: record?.equipment,
    planningPlant: record?.planningPlant,
    workCentre: record?.workCentre,
    criticality: record?.criticality,
    ...INITIAL_STATE,
  });
}

const signalTwin = (machine: string, name: string, unit: string | undefined): Twin =>
  twin(twinId("signal", machine, name), signalModelId({ name, ...(unit !== undefined && { unit }) }), { name, unit });

function detectorTwins({ devices, modules }: Plant): Twin[] {
  return modules.length === 0
    ? []
    : devices
        .filter(({ isEdge }) => isEdge !== false)
        .map(({ id }) =>
          twin(twinId("detector", id), modelId("Detector"), { deviceId: id, modules: [...modules].sort() }),
        );
}

function connections({ devices, modules }: Plant): Relationship[] {
  return devices.flatMap(({ id, isEdge, parent }) =>
    isEdge === false || parent === undefined || modules.length === 0
      ? []
      : [relates(twinId("detector", id), "connectsThrough", twinId("detector", parent))],
  );
}

/** Sections of an import file, in the order that the service wants. */
const SECTIONS = ["Header", "Models", "Twins", "Relationships"] as const;

/**
 * A graph as the Import Jobs API takes it: newline-delimited JSON (learn.microsoft.com/azure/digital-twins/concepts-apis-sdks,
 * Format data). Sections without content are left out.
 */
export function importFile({ models, twins, relationships }: PlantTwin, organization: string): string {
  const header = [{ fileVersion: "1.0.0", author: "edge-anomaly-detection", organization }];
  const contents: Readonly<Record<(typeof SECTIONS)[number], readonly unknown[]>> = {
    Header: header,
    Models: models,
    Twins: twins,
    Relationships: relationships,
  };
  return SECTIONS.filter((section) => contents[section].length > 0)
    .flatMap((section) => [{ Section: section } satisfies JsonObject, ...contents[section]])
    .map((line) => `${stableJson(line)}\n`)
    .join("");
}
