/** A check that Terraform makes of an answer once it has it. */
export interface Postcondition {
  readonly condition: string;
  readonly errorMessage: string;
}

/**
 * A value as part of a text, or other words where there is none: Terraform refuses a null inside a text, and would do so in
 * place of the message that the text is part of.
 *
 * @param expressions without braces, the first that is there wins
 * @param otherwise words without quotes, backslashes and template signs
 */
export function textOr(expressions: readonly string[], otherwise: string): string {
  return `\${try(${[...expressions.map((expression) => `coalesce(${expression})`), `"${otherwise}"`].join(", ")})}`;
}

/**
 * Stops an apply whose answer lacks a value that others need: without it Terraform would stop at one of those, with a message
 * about nulls.
 *
 * @param expressions what must be there, without braces, such as `self.output.url`
 * @param errorMessage what is missing, and what to do
 */
export function mustBeThere(expressions: readonly string[], errorMessage: string): Postcondition {
  const conditions = expressions.map((expression) => `can(coalesce(${expression}))`);
  return { condition: `\${${conditions.join(" && ")}}`, errorMessage };
}

/** All entries of several maps that have no key in common; expressions without braces. */
export const merged = (maps: readonly string[]): string =>
  maps.length === 1 ? maps.join() : `merge(${maps.join(", ")})`;
