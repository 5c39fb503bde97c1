/**
 * Places that something fills in before a manifest is deployed: `${NAME}` and `$NAME` (the IoT Edge tools), `#{NAME}#`,
 * `{{name}}`, `__NAME__`, `%NAME%` and `<NAME>` (pipelines and samples).
 */
const PLACEHOLDER =
  /\$\{[^{}]+\}|\$(?!UPSTREAM\b)[A-Z][A-Z0-9_]{2,}|#\{[^{}]+\}#|\{\{[^{}]+\}\}|__[A-Za-z][A-Za-z0-9_]*?__|%[A-Z][A-Z0-9_]+%|<[A-Za-z][\w.-]*>/;

/** Whether a text has a place that is filled in later. */
export const hasPlaceholder = (value: unknown): boolean => typeof value === "string" && PLACEHOLDER.test(value);

/** Whether anything in a document, names included, is filled in later. */
export function holdsPlaceholder(value: unknown): boolean {
  if (typeof value !== "object" || value === null) {
    return hasPlaceholder(value);
  }
  return Object.entries(value).some(([key, inner]) => hasPlaceholder(key) || holdsPlaceholder(inner));
}
