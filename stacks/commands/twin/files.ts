import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { isObject, stableJson } from "@edge-anomaly-detection/common";
import {
  importFile,
  KINDS,
  MODEL_PREFIX,
  modelFile,
  picture,
  type Plant,
  type PlantTwin,
  sceneConfiguration,
  type SiteScene,
} from "@edge-anomaly-detection/twin";

/** A file's path below the folder that is written to, and its text. */
export type Files = ReadonlyMap<string, string>;

/** The files of a plant's twin; the same plant gives the same. */
export function twinFiles(plant: Plant, twin: PlantTwin, sceneOf: (site: string) => SiteScene): Files {
  return new Map([
    ...twin.models.map((model): [string, string] => [`models/${modelFile(model)}`, `${stableJson(model, 2)}\n`]),
    ["graph.ndjson", importFile(twin, plant.name)],
    ["3DScenesConfiguration.json", `${stableJson(sceneConfiguration(plant, sceneOf), 2)}\n`],
    ["graph.svg", picture(plant)],
  ]);
}

/** Writes files to a folder. Models of ours that were there and are no longer among the files are deleted; nothing else is. */
export function writeTwinFiles(folder: string, files: Files): void {
  mkdirSync(join(folder, "models"), { recursive: true });
  for (const name of readdirSync(join(folder, "models"))) {
    const path = `models/${name}`;
    if (name.endsWith(".json") && !files.has(path) && isOurs(join(folder, path))) {
      rmSync(join(folder, path));
    }
  }
  for (const [path, text] of files) {
    writeFileSync(join(folder, path), text);
  }
}

function isOurs(path: string): boolean {
  try {
    const model: unknown = JSON.parse(readFileSync(path, "utf8"));
    return isObject(model) && typeof model["@id"] === "string" && model["@id"].startsWith(MODEL_PREFIX);
  } catch {
    return false;
  }
}

/** Counts of a plant's twin, for people and programs. */
export interface TwinCounts {
  readonly models: number;
  readonly twins: Readonly<Record<string, number>>;
  readonly relationships: number;
}

/** Counts models, twins by kind, and relationships. */
export function countsOf({ models, twins, relationships }: PlantTwin): TwinCounts {
  return {
    models: models.length,
    twins: Object.fromEntries(
      KINDS.map((kind) => [kind, twins.filter(({ $dtId }) => $dtId.startsWith(`${kind}.`)).length]),
    ),
    relationships: relationships.length,
  };
}
