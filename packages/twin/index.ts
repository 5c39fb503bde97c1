export { graphProblems, TWIN_LIMITS } from "./src/check-graph";
export {
  type Graph,
  importFile,
  INITIAL_STATE,
  keyOf,
  type PlantTwin,
  type Relationship,
  type Twin,
  twinOf,
} from "./src/graph";
export { type Kind, KINDS, twinId } from "./src/ids";
export { type DtdlElement, type Health, HEALTHS, type Model, modelFile, modelId, MODEL_PREFIX } from "./src/models";
export {
  type PlacedMachine,
  placedMachines,
  type Plant,
  type PlantDevice,
  type PlantMachine,
  plantProblems,
  type PlantSignal,
} from "./src/plant";
export { picture } from "./src/picture";
export { type SceneConfiguration, sceneConfiguration, type SiteScene } from "./src/scene";
