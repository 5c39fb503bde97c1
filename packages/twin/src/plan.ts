import { isObject, stableJson } from "@edge-anomaly-detection/common";
import type { Instance } from "./api";
import { INITIAL_STATE, keyOf, type PlantTwin, type Relationship, type Twin } from "./graph";
import { MODEL_PREFIX, type Model } from "./models";
import { compare } from "./plant";
import { patchOf, type PatchOperation } from "./state";

/** A twin whose properties, other than its state, differ from the configuration. */
export interface ChangedTwin {
  readonly id: string;
  readonly patch: readonly PatchOperation[];
}

/** What an apply would do. */
export interface TwinPlan {
  readonly addModels: readonly Model[];
  readonly addTwins: readonly Twin[];
  readonly changeTwins: readonly ChangedTwin[];
  readonly removeTwins: readonly string[];
  readonly addRelationships: readonly Relationship[];
  readonly removeRelationships: readonly Relationship[];
  /** Twins that are as they should be. */
  readonly unchanged: number;
  /** Twins of models that are not ours: left alone. */
  readonly foreign: number;
  /** Whether the instance has none of our models yet. */
  readonly isFirstLoad: boolean;
}

/** What of an instance a plan compares. */
export interface FoundGraph {
  readonly models: readonly string[];
  readonly twins: readonly Readonly<Record<string, unknown>>[];
  readonly relationships: readonly Readonly<Record<string, unknown>>[];
}

/** Properties that messages write, not the configuration. */
const STATE: ReadonlySet<string> = new Set([
  ...Object.keys(INITIAL_STATE),
  "lastAnomaly",
  "lastAnomalyAt",
  "lastAnomalousValue",
]);

/** Reads what a plan compares. */
export async function readGraph(instance: Pick<Instance, "models" | "query">): Promise<FoundGraph> {
  const models = await instance.models();
  // Nothing can be of models that are not there.
  return models.some((id) => id.startsWith(MODEL_PREFIX))
    ? {
        models,
        twins: await instance.query("SELECT * FROM DIGITALTWINS"),
        relationships: await instance.query("SELECT * FROM RELATIONSHIPS"),
      }
    : { models, twins: [], relationships: [] };
}

/** Compares what is wanted with what is there. State is left alone, and so is what other models and people have made. */
export function planTwin(wanted: PlantTwin, found: FoundGraph): TwinPlan {
  const models = new Set(found.models);
  const ours = new Map(found.twins.filter(isOurs).map((twin) => [String(twin.$dtId), twin]));
  const ids = new Set(wanted.twins.map(({ $dtId }) => $dtId));
  const changed = wanted.twins.flatMap((twin) => changeOf(twin, ours.get(twin.$dtId)));
  const relationships = found.relationships.flatMap((one) => relationshipOf(one));
  const ownNames = new Set(
    wanted.models.flatMap(({ contents }) =>
      contents.filter((one) => one["@type"] === "Relationship").map(({ name }) => String(name)),
    ),
  );
  const there = new Set(relationships.map(linkOf));
  const links = new Set(wanted.relationships.map(linkOf));
  const addTwins = wanted.twins.filter(({ $dtId }) => !ours.has($dtId));
  return {
    addModels: wanted.models.filter((model) => !models.has(model["@id"])),
    addTwins,
    changeTwins: changed,
    removeTwins: [...ours.keys()].filter((id) => !ids.has(id)).sort(compare),
    addRelationships: wanted.relationships.filter((one) => !there.has(linkOf(one))),
    removeRelationships: relationships
      .filter((one) => ownNames.has(one.$relationshipName) && ours.has(one.$dtId) && ours.has(one.$targetId))
      .filter((one) => !links.has(linkOf(one)))
      .sort((a, b) => compare(keyOf(a), keyOf(b))),
    unchanged: wanted.twins.length - addTwins.length - changed.length,
    foreign: found.twins.length - ours.size,
    isFirstLoad: !found.models.some((id) => id.startsWith(MODEL_PREFIX)),
  };
}

/** Whether a plan has nothing to do. */
export const isEmpty = (plan: TwinPlan): boolean =>
  plan.addModels.length +
    plan.addTwins.length +
    plan.changeTwins.length +
    plan.removeTwins.length +
    plan.addRelationships.length +
    plan.removeRelationships.length ===
  0;

const modelOf = (twin: Readonly<Record<string, unknown>>): string =>
  isObject(twin.$metadata) ? String(twin.$metadata.$model) : "";

const isOurs = (twin: Readonly<Record<string, unknown>>): boolean => modelOf(twin).startsWith(MODEL_PREFIX);

function changeOf(wanted: Twin, found: Readonly<Record<string, unknown>> | undefined): ChangedTwin[] {
  if (found === undefined) {
    return [];
  }
  const patch = patchOf(described(found), described(wanted));
  const isOtherModel = modelOf(found) !== wanted.$metadata.$model;
  const operations: PatchOperation[] = [
    ...(isOtherModel ? [{ op: "replace" as const, path: "/$metadata/$model", value: wanted.$metadata.$model }] : []),
    ...patch,
  ];
  return operations.length === 0 ? [] : [{ id: wanted.$dtId, patch: operations }];
}

/** Properties that come from the configuration. */
const described = (twin: Readonly<Record<string, unknown>>): Readonly<Record<string, unknown>> =>
  Object.fromEntries(Object.entries(twin).filter(([name]) => !name.startsWith("$") && !STATE.has(name)));

function relationshipOf(row: Readonly<Record<string, unknown>>): Relationship[] {
  const { $sourceId, $relationshipId, $targetId, $relationshipName } = row;
  return [$sourceId, $relationshipId, $targetId, $relationshipName].every((one) => typeof one === "string")
    ? [
        {
          $dtId: String($sourceId),
          $relationshipId: String($relationshipId),
          $targetId: String($targetId),
          $relationshipName: String($relationshipName),
        },
      ]
    : [];
}

const linkOf = ({ $dtId, $relationshipName, $targetId }: Relationship): string =>
  stableJson([$dtId, $relationshipName, $targetId]);
