export { type ImportJob, Instance, type InstanceOptions, type ReadTwin } from "./src/api";
export { applyTwin, type ApplyOptions } from "./src/apply";
export { graphProblems, TWIN_LIMITS } from "./src/check-graph";
export { follow, type Followed, type FollowOptions, type Outcome } from "./src/follow";
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
export { type ChangedTwin, type FoundGraph, isEmpty, planTwin, readGraph, type TwinPlan } from "./src/plan";
export {
  type EpisodeNews,
  type KeptEpisode,
  type LastAnomaly,
  machineStateOf,
  type MachineState,
  newsOf,
  patchOf,
  type PatchOperation,
  type SignalState,
  withNews,
  withReading,
} from "./src/state";
export { StorageQueue, type StorageOptions, uploadText } from "./src/storage";
