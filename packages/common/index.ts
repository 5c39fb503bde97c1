export { type AddressRange, contains, isPrivateRange, overlap, parseRange } from "./src/address-range";
export { type ApiRequest, LONGEST_WAIT_MS, reasonOf, RemoteError, retryAfter, send } from "./src/http";
export { isObject, type Json, type JsonObject, stableJson } from "./src/json";
export { type Arguments, coloured, readArguments, runCommand } from "./src/terminal";
export {
  allDifferent,
  assertValid,
  collect,
  type Finding,
  joined,
  type Problem,
  problemIf,
  redacted,
  shown,
  under,
  Unreadable,
  ValidationError,
  withDefaults,
} from "./src/validation";
export { visible, visibleJson, visibleLines } from "./src/visible";
