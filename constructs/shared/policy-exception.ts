import type { IConstruct } from "constructs";

/** A suppressed finding and the reason. It stays in every report. */
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
  /** `configuration`: in the configuration of an environment; `construct`: by the construct itself, for every environment. */
  readonly from: "configuration" | "construct";
}

interface Declared {
  readonly construct: IConstruct;
  readonly rule: string;
  readonly reason: string;
}

/** By the root of the tree, so that nobody has to look through all of it. */
const declared = new WeakMap<IConstruct, Declared[]>();

/**
 * Suppresses a finding permanently where a service leaves no choice: the construct that knows so says so.
 * What an environment decides belongs in its configuration instead.
 */
export function declareException(construct: IConstruct, rule: string, reason: string): void {
  const { root } = construct.node;
  declared.set(root, [...(declared.get(root) ?? []), { construct, rule, reason }]);
}

/** The exceptions that constructs in a stack declare, with paths relative to it. */
export function declaredExceptions(stack: IConstruct): WrittenException[] {
  const prefix = `${stack.node.path}/`;
  return (declared.get(stack.node.root) ?? [])
    .filter(({ construct }) => construct.node.path.startsWith(prefix))
    .map(({ construct, rule, reason }) => ({
      rule,
      reason,
      resource: construct.node.path.slice(prefix.length),
      from: "construct",
    }));
}

/** Whether an exception is about a finding of `rule` on the element at `path`. */
export function covers({ rule, resource }: PolicyException, found: { rule: string; resource: string }): boolean {
  return (
    rule === found.rule &&
    (resource === undefined || resource === found.resource || found.resource.startsWith(`${resource}/`))
  );
}
