import { Token } from "cdktf";

/** One mistake in what somebody wrote, with everything needed to mend it. */
export interface Problem {
  /** Where it is, as the writer knows it: `hub.sku`, `streamAnalytics.signals[2].path`. */
  readonly path: string;
  /** What stands there now. */
  readonly value: unknown;
  /** What may stand there: the set, range or form, with its unit. */
  readonly allowed: string;
  /** What to do about it. */
  readonly remedy: string;
}

/** What a rule finds: nothing, one problem or several. */
export type Finding = Problem | readonly Problem[] | undefined;

/** All mistakes of one subject at once. Whoever shows it needs no stack trace. */
export class ValidationError extends Error {
  public constructor(
    /** What was checked: an environment's file or a construct's path. */
    public readonly subject: string,
    public readonly problems: readonly Problem[],
  ) {
    super(render(subject, problems));
    this.name = "ValidationError";
  }
}

/** A problem where `broken` holds, otherwise nothing. */
export function problemIf(broken: boolean, path: string, value: unknown, allowed: string, remedy: string): Finding {
  return broken ? { path, value, allowed, remedy } : undefined;
}

/** The findings of a table of rules as one list. */
export function collect(...findings: readonly Finding[]): Problem[] {
  return findings.flatMap((finding) => finding ?? []);
}

/**
 * Throws when there is any problem.
 *
 * @throws ValidationError with all of them
 */
export function assertValid(subject: string, problems: readonly Problem[]): void {
  if (problems.length > 0) {
    throw new ValidationError(subject, problems);
  }
}

/** A value that Terraform fills in at apply cannot be judged at synth. */
const isLater = (value: unknown): boolean => Token.isUnresolved(value);

/** `value` is one of a closed set. Left out (`undefined`) passes: the default is in the set. */
export function oneOf<T extends string>(
  path: string,
  value: T | undefined,
  allowed: readonly T[],
  remedy: string,
): Finding {
  const broken = value !== undefined && !isLater(value) && !allowed.includes(value);
  return problemIf(broken, path, value, allowed.join(", "), remedy);
}

/** A range of numbers and what they count. */
export interface NumberRange {
  /** The smallest that is allowed. */
  readonly min: number;
  /** The largest that is allowed. */
  readonly max: number;
  /** What is counted, in the plural: `days`, `partitions`. */
  readonly unit: string;
  /** Refuse fractions. @default true */
  readonly whole?: boolean;
}

/** `value` is a number within the range, both ends included. Left out (`undefined`) passes. */
export function inRange(path: string, value: number | undefined, range: NumberRange, remedy: string): Finding {
  if (value === undefined || isLater(value)) {
    return undefined;
  }
  const whole = range.whole ?? true;
  const inside = value >= range.min && value <= range.max && (!whole || Number.isInteger(value));
  const kind = whole ? "whole number" : "number";
  return problemIf(!inside, path, value, `a ${kind} of ${range.unit} from ${range.min} to ${range.max}`, remedy);
}

/** `value` has the form. Left out (`undefined`) passes. */
export function hasForm(
  path: string,
  value: string | undefined,
  form: RegExp,
  allowed: string,
  remedy: string,
): Finding {
  const broken = value !== undefined && !isLater(value) && !form.test(value);
  return problemIf(broken, path, value, allowed, remedy);
}

/** No two values are the same, compared without regard to case as Azure does. The later one of a pair is named. */
export function allDifferent(
  values: readonly { readonly path: string; readonly value: string }[],
  remedy: string,
): Finding {
  const first = new Map<string, string>();
  return values.flatMap(({ path, value }) => {
    const key = value.toLowerCase();
    const earlier = first.get(key);
    if (earlier === undefined) {
      first.set(key, path);
      return [];
    }
    return [{ path, value, allowed: `a value that ${earlier} does not have`, remedy }];
  });
}

/** `problems` as they are seen from one level up. */
export function under(prefix: string, problems: readonly Problem[]): Problem[] {
  return problems.map((problem) => ({ ...problem, path: join(prefix, problem.path) }));
}

function join(prefix: string, path: string): string {
  return path === "" || path.startsWith("[") ? `${prefix}${path}` : `${prefix}.${path}`;
}

function render(subject: string, problems: readonly Problem[]): string {
  const count = problems.length === 1 ? "1 mistake" : `${problems.length} mistakes`;
  const entries = problems.map(
    (problem) =>
      `  ${problem.path} is ${show(problem.value)}\n    allowed: ${problem.allowed}\n    do:      ${problem.remedy}`,
  );
  return [`${subject}: ${count}`, ...entries].join("\n");
}

function show(value: unknown): string {
  if (value === undefined) {
    return "missing";
  }
  const text = JSON.stringify(value, (_key, inner: unknown) =>
    typeof inner === "number" && !Number.isFinite(inner) ? String(inner) : inner,
  );
  return text.length > 120 ? `${text.slice(0, 117)}...` : text;
}
