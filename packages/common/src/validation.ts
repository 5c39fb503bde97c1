/** One validation error, with everything needed to fix it. */
export interface Problem {
  /** File and line in which it is, `environments/dev.ts:7`. @default - not known */
  readonly file?: string;
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

/** All validation errors of one subject at once. Whoever shows it needs no stack trace. */
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

/** Settings over their defaults. A setting that is `undefined` was left out: it does not hide its default, as it would when spread. */
export function withDefaults<Settings extends object, Defaulted extends keyof Settings>(
  defaults: Readonly<Required<Pick<Settings, Defaulted>>>,
  settings: Settings,
): Settings & Required<Pick<Settings, Defaulted>> {
  const given = Object.fromEntries(Object.entries(settings).filter(([, value]) => value !== undefined));
  return { ...defaults, ...given } as Settings & Required<Pick<Settings, Defaulted>>;
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
  return problems.map((problem) => ({ ...problem, path: joined(prefix, problem.path) }));
}

/** A path as it is seen from one level up. */
export function joined(prefix: string, path: string): string {
  return path === "" || path.startsWith("[") ? `${prefix}${path}` : `${prefix}.${path}`;
}

function render(subject: string, problems: readonly Problem[]): string {
  const count = problems.length === 1 ? "1 validation error" : `${problems.length} validation errors`;
  const entries = problems.map(
    ({ file, path, value, allowed, remedy }) =>
      `  ${file === undefined ? "" : `${file}: `}${path} is ${shown(value)}\n    allowed: ${allowed}\n    do:      ${remedy}`,
  );
  return redacted([`${subject}: ${count}`, ...entries].join("\n"));
}

/** What in a text would let somebody in: signatures and keys of links and connection strings, passwords in addresses. */
const SECRETS: readonly (readonly [RegExp, string])[] = [
  [
    /([?&;\s"']|%3f|%26|\b)(sig|signature|sharedaccesssignature|sharedaccesskey|accountkey|password|token|code)(=|%3d)[^&;\s"']+/gi,
    "$1$2$3REDACTED",
  ],
  [/(:\/\/[^/\s:@]+:)[^/\s@]+@/g, "$1REDACTED@"],
];

/** `text` without signatures, keys and passwords of links and connection strings. */
export function redacted(text: string): string {
  return SECRETS.reduce((result, [pattern, by]) => result.replace(pattern, by), text);
}

/**
 * A value as messages show it: on one line, without what would let somebody in. Never throws.
 *
 * @param limit characters after which it is cut
 */
export function shown(value: unknown, limit = 120): string {
  if (value === undefined) {
    return "missing";
  }
  const text = redacted(written(value)).replace(/[\u0000-\u001f\u007f-\u009f\u2028\u2029]/g, "\ufffd");
  return text.length > limit ? `${text.slice(0, limit - 3)}...` : text;
}

function written(value: unknown): string {
  if (value instanceof Unreadable) {
    return value.text;
  }
  try {
    const text = JSON.stringify(value, (_key, inner: unknown) =>
      inner instanceof Unreadable
        ? inner.text
        : typeof inner === "bigint" || (typeof inner === "number" && !Number.isFinite(inner))
          ? String(inner)
          : inner,
    ) as string | undefined;
    return text ?? `a ${typeof value}`;
  } catch {
    return `a ${typeof value} that cannot be shown`;
  }
}

/** Something in a configuration that is no data: a function, a date, a getter that throws. Messages show its text. */
export class Unreadable {
  public constructor(public readonly text: string) {}
}
