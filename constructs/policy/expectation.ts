import { allOf, COMPLIANT, knownLater, NOT_APPLICABLE, type Rule, type Verdict, verdictOf } from "./rule";
import { LATER, type WrittenElement } from "./written-element";

type Scalar = string | number | boolean;

/** What an argument must be. */
export interface Expectation {
  /** The argument, names with dots between them. */
  readonly path: string;
  /** What it may be. Terraform takes `"true"` for `true`, and so does this. */
  readonly allowed: readonly Scalar[];
  /** What the provider takes where it is not given. @default - nothing that is allowed */
  readonly absent?: Scalar;
  /** What to do. */
  readonly remedy: string;
}

/** What a number must be at least. */
export interface Minimum {
  readonly path: string;
  readonly minimum: number;
  readonly absent?: number;
  readonly unit: string;
  readonly remedy: string;
}

/** A rule that compares arguments: what each kind of resource must have. Other kinds are not its business. */
export function expect(table: Readonly<Record<string, Expectation>>): Pick<Rule, "kinds" | "check"> {
  return {
    kinds: Object.keys(table),
    check: (subject) => {
      const expectation = table[subject.kind];
      return expectation === undefined ? NOT_APPLICABLE : isOneOf(subject, expectation);
    },
  };
}

/** One argument is what it may be. */
export function isOneOf(subject: WrittenElement, { path, allowed, absent, remedy }: Expectation): Verdict {
  const accepts = (value: unknown): boolean => allowed.some((one) => String(one) === String(value));
  return judge(subject, path, absent, accepts, allowed.join(" or "), remedy);
}

/** Each of several arguments is at least what it must be. */
export function areAtLeast(subject: WrittenElement, minima: readonly Minimum[]): Verdict {
  return allOf(
    minima.map(({ path, minimum, absent, unit, remedy }) =>
      judge(subject, path, absent, (value) => Number(value) >= minimum, `at least ${minimum} ${unit}`, remedy),
    ),
  );
}

function judge(
  subject: WrittenElement,
  path: string,
  absent: Scalar | undefined,
  accepts: (value: unknown) => boolean,
  allowed: string,
  remedy: string,
): Verdict {
  const value = subject.read(path);
  if (value === LATER) {
    return knownLater(path);
  }
  const effective = value ?? absent;
  return effective !== undefined && accepts(effective) ? COMPLIANT : verdictOf([{ path, value, allowed, remedy }]);
}
