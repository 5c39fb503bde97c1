export { ALWAYS_READ, ARM_OPERATIONS, armOperations, type ArmOperations } from "./src/arm-operations";
export { BUILT_IN_ROLES, type RoleName } from "./src/built-in-roles";
export { ARM_DATA_HOLDERS, DATA_HOLDERS, lossOf } from "./src/data-holders";
export { ENDPOINT_TARGETS, type EndpointTarget, zonesOf } from "./src/private-zones";
export { regionProblems } from "./src/regions";
export { documentedReplacements, replacingArguments } from "./src/replacing-arguments";
export { HIDDEN, isSecretPath } from "./src/secret-arguments";
export { withoutSecrets } from "./src/secret-forms";
export { statefulType, type StatefulType, statefulTypes } from "./src/stateful-types";
export {
  DPS_LIMITS,
  HUB_RATES_SOURCE,
  HUB_TIERS,
  type HubRate,
  type HubTier,
  type HubTierName,
  HUBS_OF_SUBSCRIPTION,
  type LimitSource,
  rateOf,
  type ServiceLimit,
  TIER_COLUMNS,
} from "./src/service-limits";
