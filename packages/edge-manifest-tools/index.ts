export { checkManifests } from "./src/check-command";
export { MAX_CHARACTERS, readManifest } from "./src/check/read";
export { RULES } from "./src/check/rules";
export { targetConditionMistakes } from "./src/check/target-condition";
export {
  BIND_LOW_PORTS,
  CONTAINER_DEFAULTS,
  READ_ONLY_ROOT,
  START_AS_ROOT,
  UNPRIVILEGED_PORTS,
} from "./src/container-defaults";
export { splitImage } from "./src/image-reference";
export { checkDeployments, describeFinding, type ManifestFinding } from "./src/manifest-checker";
export {
  type BaseLayer,
  CREATE_OPTIONS_PIECE,
  type EdgeModule,
  type Layer,
  type ModulesContent,
  type RegistryCredential,
  renderBase,
  renderCreateOptions,
  renderLayer,
  renderModule,
  renderRoute,
  type Route,
  type RouteSource,
  waitingFor,
} from "./src/manifest";
export {
  ALERT_OUTPUT,
  DEFAULT_JOB_NAME,
  DETECTOR,
  DETECTOR_ENDPOINTS,
  DETECTOR_MODULE,
  IMAGE_REPOSITORIES,
  type ModuleEndpoints,
  type RuntimeImage,
  SCORE_INPUT,
  SENSOR_INPUT,
  SIMULATED_SENSOR_ENDPOINTS,
  SIMULATED_SENSOR_MODULE,
  streamAnalyticsEndpoints,
  SYSTEM_USERS,
  type SystemModule,
} from "./src/modules";
export { parseRoute } from "./src/routing/parse";
export { type RoutedMessage, routeMatches } from "./src/routing/evaluate";
export { type Route as ParsedRoute } from "./src/routing/syntax";
