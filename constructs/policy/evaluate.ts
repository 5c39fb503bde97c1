import type { TerraformStack } from "cdktf";
import type { Problem } from "@edge-anomaly-detection/common";
import { covers, declaredExceptions, type WrittenException } from "../shared/policy-exception";
import type { PolicyContext } from "./policy-context";
import type { Rule, Verdict } from "./rule";
import { type Arguments, WrittenElement } from "./written-element";

/** Id of the finding that an exception matches nothing. */
export const STALE_EXCEPTION = "stale-exception";

/** A finding of a rule on one element. */
export interface PolicyFinding extends Problem {
  /** Id of the rule. */
  readonly rule: string;
  readonly level: Rule["level"];
  /** Path of the construct in the stack. */
  readonly resource: string;
  /** Why it is suppressed. @default - it is not */
  readonly exception?: WrittenException;
}

/** A rule that is about an element, but could not judge it. */
export interface NotJudged {
  readonly rule: string;
  readonly resource: string;
  readonly because: string;
}

/** How many elements of the stack a rule was about, by what it said of them. */
export interface RuleCount {
  readonly rule: string;
  readonly level: Rule["level"];
  readonly compliant: number;
  /** With findings that nothing excepts. */
  readonly nonCompliant: number;
  /** With excepted findings alone. */
  readonly excepted: number;
  readonly notJudged: number;
}

/** What the rules say of one stack. */
export interface PolicyReport {
  readonly stack: string;
  readonly rules: readonly RuleCount[];
  readonly findings: readonly PolicyFinding[];
  readonly notJudged: readonly NotJudged[];
}

/** What the rules need besides the stack. */
export interface Surroundings extends Omit<PolicyContext, "subjects"> {
  /** Exceptions of the stack's configuration. */
  readonly exceptions: readonly WrittenException[];
}

/**
 * Puts every element of a stack to every rule. Aspects must have run.
 *
 * @param written what Terraform will read, as `toTerraform()` of the stack gives it
 */
export function evaluate(
  stack: TerraformStack,
  rules: readonly Rule[],
  surroundings: Surroundings,
  written: Arguments = stack.toTerraform() as Arguments,
): PolicyReport {
  const subjects = WrittenElement.allOf(stack, written);
  const context: PolicyContext = { ...surroundings, subjects };
  const exceptions = [...surroundings.exceptions, ...declaredExceptions(stack)];
  const results = rules.map((rule) => new RuleResult(rule, context, exceptions));
  const asked = new Map<string, readonly RuleResult[]>();
  for (const subject of subjects) {
    const about = asked.get(subject.kind) ?? results.filter((result) => result.isAbout(subject.kind));
    asked.set(subject.kind, about);
    about.forEach((result) => {
      result.ask(subject);
    });
  }
  const findings = results.flatMap((result) => result.findings);
  return {
    stack: stack.node.id,
    rules: results.map((result) => result.count),
    findings: [...findings, ...staleExceptions(exceptions, findings)],
    notJudged: results.flatMap((result) => result.notJudged),
  };
}

/** What one rule says of the elements that it was asked about. */
class RuleResult {
  public readonly findings: PolicyFinding[] = [];
  public readonly notJudged: NotJudged[] = [];
  private compliant = 0;

  public constructor(
    private readonly rule: Rule,
    private readonly context: PolicyContext,
    private readonly exceptions: readonly WrittenException[],
  ) {}

  public get count(): RuleCount {
    const open = resourcesOf(this.findings.filter(({ exception }) => exception === undefined));
    return {
      rule: this.rule.id,
      level: this.rule.level,
      compliant: this.compliant,
      nonCompliant: open.size,
      excepted: resourcesOf(this.findings).size - open.size,
      notJudged: this.notJudged.length,
    };
  }

  public isAbout(kind: string): boolean {
    return this.rule.kinds?.includes(kind) ?? true;
  }

  public ask(subject: WrittenElement): void {
    this.take(subject, this.judge(subject));
  }

  /** A broken rule must not pass what it cannot judge, nor keep the others from being heard. */
  private judge(subject: WrittenElement): Verdict | Error {
    try {
      return this.rule.check(subject, this.context);
    } catch (error) {
      return error instanceof Error ? error : new Error(String(error));
    }
  }

  private take(subject: WrittenElement, verdict: Verdict | Error): void {
    const { id: rule, level } = this.rule;
    if (verdict instanceof Error) {
      // No exception is looked for: it accepts what the rule found, and this is not that.
      this.findings.push({
        rule,
        level: "error",
        resource: subject.path,
        path: "",
        value: `rule ${rule} could not be evaluated: ${verdict.message}`,
        allowed: "anything that the rule can judge",
        remedy: `mend constructs/policy/rules/${rule}.ts; a rule that cannot be evaluated passes nothing`,
      });
    } else if (verdict.kind === "non-compliant") {
      verdict.problems.forEach((problem) => {
        this.add({ ...problem, rule, level, resource: subject.path });
      });
    } else if (verdict.kind === "compliant") {
      this.compliant += 1;
    } else if (verdict.because !== undefined) {
      this.notJudged.push({ rule, resource: subject.path, because: verdict.because });
    }
  }

  private add(finding: PolicyFinding): void {
    const exception = this.exceptions.find((one) => covers(one, finding));
    this.findings.push({ ...finding, ...(exception !== undefined && { exception }) });
  }
}

const resourcesOf = (findings: readonly PolicyFinding[]): Set<string> =>
  new Set(findings.map(({ resource }) => resource));

/** An exception that matches nothing hides the next finding that it does match. */
function staleExceptions(
  exceptions: readonly WrittenException[],
  findings: readonly PolicyFinding[],
): readonly PolicyFinding[] {
  return exceptions
    .filter((exception) => !findings.some((finding) => covers(exception, finding)))
    .map(({ rule, resource, from }) => ({
      rule: STALE_EXCEPTION,
      level: "warning",
      resource: resource ?? "",
      path: `exception from ${rule}`,
      value: "stale",
      allowed: "exceptions that accept a finding",
      remedy: from === "configuration" ? "remove it from policy.exceptions" : "remove it from the construct",
    }));
}
