export { type HubResult, type OutageResult, type SimulationResult } from "./src/simulation/result";
export { DEVICE_SDK_RETRY, EDGE_RUNTIME_RETRY, type RetryPolicy, spreadRetry } from "./src/simulation/retry";
export {
  type Allocation,
  ASSIGNMENT_MINUTES,
  type HubOutage,
  RECONNECT_MINUTES,
  type SimulatedHub,
  type SimulationSettings,
} from "./src/simulation/settings";
export { simulate } from "./src/simulation/simulate";
