export { checkConfiguration, describeMistakes } from "./src/configuration";
export { type ChangePointState, createChangePointState, updateChangePoint } from "./src/detectors/change-point";
export { type RingState } from "./src/detectors/kernel-density";
export { createSpikeAndDipState, updateSpikeAndDip } from "./src/detectors/spike-and-dip";
export { type Alert, type Scored } from "./src/engine";
export { Pipeline, type ScoredMessage } from "./src/pipeline";
