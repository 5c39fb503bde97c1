import type { IConstruct } from "constructs";

/** A finding that is accepted, and why. It stays in every report. */
export interface PolicyException {
  /** Id of the rule. */
  readonly rule: string;
  /** Path of a construct in the stack; everything in it is meant: `PackageStorage`, `PackageStorage/Account`. @default - everything in the stack */
  readonly resource?: string;
  /** Why the rule does not hold here: at least 10 characters, for whoever reads the report. */
  readonly reason: string;
}

/** An exception and where it was written. */
export interface WrittenException extends PolicyException {
  /** `record`: by an environment; `construct`: by the construct itself, for every environment. */
  readonly from: "record" | "construct";
}

const DECLARED = "policy-exception";

/**
 * Accepts a finding for good where a service leaves no choice: the construct that knows so says so.
 * What an environment decides belongs into its record instead.
 */
export function declareException(construct: IConstruct, rule: string, reason: string): void {
  construct.node.addMetadata(DECLARED, { rule, reason });
}

/** The exceptions that constructs under `root` declare, with paths relative to it. */
export function declaredExceptions(root: IConstruct): WrittenException[] {
  const prefix = `${root.node.path}/`.length;
  return root.node.findAll().flatMap(({ node }) =>
    node.metadata
      .filter(({ type }) => type === DECLARED)
      .map(({ data }) => ({
        ...(data as Pick<PolicyException, "rule" | "reason">),
        resource: node.path.slice(prefix),
        from: "construct" as const,
      })),
  );
}

/** Whether an exception is about a finding of `rule` on the element at `path`. */
export function covers({ rule, resource }: PolicyException, found: { rule: string; resource: string }): boolean {
  return (
    rule === found.rule &&
    (resource === undefined || resource === found.resource || found.resource.startsWith(`${resource}/`))
  );
}
