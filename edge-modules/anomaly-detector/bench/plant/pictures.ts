export function draw(results: Readonly<Record<string, unknown>>): Record<string, string> {
  return results.none === undefined ? {} : {};
}
