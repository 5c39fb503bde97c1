export function processPlant(quick: boolean): Record<string, unknown> {
  return { quick };
}
