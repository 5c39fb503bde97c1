import { writeOnce, writtenOf } from "../shared/faster-synthesis";
import { Annotations, Aspects, type IAspect, TerraformStack } from "cdktf";
import { invokeAspects } from "cdktf/lib/synthesize/synthesizer";
import type { IConstruct } from "constructs";
import { assertValid, type Problem, shown, ValidationError, withDefaults } from "@edge-anomaly-detection/common";
import { evaluate, type PolicyFinding, type PolicyReport } from "./evaluate";
import { POLICY_DEFAULTS, policyProblems, type PolicySettings } from "./policy-settings";
import { RULES } from "./rules";
import type { Arguments } from "./written-element";

/** What `Policy` needs. */
export interface PolicyProps extends PolicySettings {
  /** The stack's own region, by its programmatic name. */
  readonly location: string;
  /** Whether what holds data must refuse its destruction. */
  readonly preventDestroy: boolean;
}

/**
 * Puts everything in a stack to the rules when it is synthesized, and stops where an error is found: in every stack of the app
 * that has a policy, all at once. Warnings become annotations, which cdktf shows.
 */
export class Policy implements IAspect {
  private readonly attached = new WeakSet<TerraformStack>();

  public constructor(private readonly props: PolicyProps) {
    assertValid("policy", policyProblems(props));
  }

  /**
   * What the policy of a stack says of it, whether that would stop synth or not.
   *
   * @throws Error where the stack has no policy
   */
  public static report(stack: TerraformStack): PolicyReport {
    const policy = Policy.of(stack);
    if (policy === undefined) {
      throw new Error(`the stack ${stack.node.path} has no policy`);
    }
    invokeAspects(stack);
    return policy.evaluate(stack);
  }

  private static of(stack: TerraformStack): Policy | undefined {
    return Aspects.of(stack).all.find((aspect) => aspect instanceof Policy);
  }

  /** Rules need the whole stack, as other aspects leave it: they run when it is validated. */
  public visit(node: IConstruct): void {
    if (node instanceof TerraformStack && !this.attached.has(node)) {
      this.attached.add(node);
      node.node.addValidation({
        validate: () => {
          this.enforce(node);
          return [];
        },
      });
    }
  }

  private evaluate(stack: TerraformStack, written = writtenOf(stack) as Arguments): PolicyReport {
    const { location, allowedRegions = [location], ...props } = this.props;
    const settings = { ...withDefaults(POLICY_DEFAULTS, props), allowedRegions };
    const exceptions = settings.exceptions.map((exception) => ({ ...exception, from: "configuration" as const }));
    return evaluate(stack, RULES, { ...settings, exceptions }, written);
  }

  /** cdktf validates one stack after the other; whoever mends one wants to know of the others too. */
  private enforce(stack: TerraformStack): void {
    const written = writtenOf(stack) as Arguments;
    const report = this.evaluate(stack, written);
    if (problemsOf(report).length > 0) {
      const others = stack.node.root.node
        .findAll()
        .filter((node) => TerraformStack.isStack(node))
        .filter((other) => other !== stack && Policy.of(other) !== undefined);
      throw new ValidationError("policy", [report, ...others.map((other) => Policy.report(other))].flatMap(problemsOf));
    }
    writeOnce(stack, written);
    for (const finding of report.findings.filter(({ exception }) => exception === undefined)) {
      const place = stack.node.tryFindChild(finding.resource.split("/")[0] ?? "") ?? stack;
      Annotations.of(place).addWarning(sentenceOf(finding));
    }
  }
}

/** A finding in one line. */
export function sentenceOf({ rule, resource, path, value, allowed, remedy }: PolicyFinding): string {
  return `${placeOf(resource, path)} is ${shown(value, Number.POSITIVE_INFINITY)}; allowed: ${allowed}; do: ${remedy} [${rule}]`;
}

/** Where a finding is: the construct and, where it is about one, the argument. */
export const placeOf = (resource: string, path: string): string =>
  [resource, path].filter((part) => part !== "").join(" ");

/** Errors that stop synth, in the form of validation errors. */
function problemsOf({ stack, findings }: PolicyReport): Problem[] {
  return findings
    .filter(({ level, exception }) => level === "error" && exception === undefined)
    .map(({ rule, resource, path, value, allowed, remedy }) => ({
      path: placeOf(`${stack}/${resource}`, path),
      value,
      allowed,
      remedy: `${remedy} [${rule}]`,
    }));
}
