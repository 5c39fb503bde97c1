import type { Problem } from "@edge-anomaly-detection/common";
import type { PolicyContext } from "./policy-context";
import type { WrittenElement } from "./written-element";

/** What a rule says of one element of a stack. */
export type Verdict =
  | { readonly kind: "compliant" }
  /** The rule is not about this element, or, with a reason, could not judge it: a value is known only at apply. */
  | { readonly kind: "not-applicable"; readonly because?: string }
  | { readonly kind: "non-compliant"; readonly problems: readonly Problem[] };

/** What must hold, and why. A rule is a pure function with words. */
export interface Rule {
  /** Name in kebab case, that of its file. Exceptions name it. */
  readonly id: string;
  /** An error stops synth, a warning does not. */
  readonly level: "error" | "warning";
  /** What must hold, one line. */
  readonly what: string;
  /** What happens otherwise, one line. */
  readonly why: string;
  /** Ids of the same rule in checkov; none where it has no such rule. */
  readonly checkov: readonly string[];
  /** Names of the same rule in PSRule for Azure; none where it has no such rule. */
  readonly psrule: readonly string[];
  /** Kinds of resources that it is about; it is asked about no others. @default - it is asked about everything */
  readonly kinds?: readonly string[];
  /** Judges one element. What it throws becomes a finding at the level `error`. */
  readonly check: (subject: WrittenElement, context: PolicyContext) => Verdict;
}

/** The element is as the rule wants it. */
export const COMPLIANT: Verdict = { kind: "compliant" };

/** The rule is not about this element. */
export const NOT_APPLICABLE: Verdict = { kind: "not-applicable" };

/** The rule is about this element, but a value that it needs does not exist before Terraform applies. */
export const knownLater = (path: string): Verdict => ({
  kind: "not-applicable",
  because: `${path} is known only when Terraform applies`,
});

/** Compliant where there are no problems. */
export const verdictOf = (problems: readonly Problem[]): Verdict =>
  problems.length === 0 ? COMPLIANT : { kind: "non-compliant", problems };

/** Several verdicts on one element as one: failures first, then what is unknown until apply. */
export function allOf(verdicts: readonly Verdict[]): Verdict {
  const problems = verdicts.flatMap((verdict) => (verdict.kind === "non-compliant" ? verdict.problems : []));
  return problems.length > 0
    ? verdictOf(problems)
    : (verdicts.find((verdict) => verdict.kind === "not-applicable") ?? COMPLIANT);
}
