/** Types whose replacement takes nothing away: what they stand for is made again at once. */
const ROUTINE_TYPES: readonly RegExp[] = [
  /^terraform_data$/,
  /^null_resource$/,
  /^time_/,
  /^random_/,
  // A changed content is a new deployment: the hub never changes one.
  /^iothub_edge_deployment$/,
  // An action is done again.
  /^azapi_resource_action$/,
];

/** Whether replacing objects of a type is how they change. */
export function isRoutine(type: string): boolean {
  return ROUTINE_TYPES.some((pattern) => pattern.test(type));
}
