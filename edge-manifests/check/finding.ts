/** Something in a manifest that Azure would refuse or silently drop (`error`), or that hardly anybody means (`warning`). */
export interface ManifestFinding {
  readonly severity: "error" | "warning";
  /** Which rule found it: a short name that stays the same. */
  readonly rule: string;
  /** Where it is, a JSON pointer (RFC 6901) into the document. */
  readonly pointer: string;
  /** What is wrong. */
  readonly problem: string;
  /** What would be right. */
  readonly remedy: string;
}

/** A JSON pointer to `steps` below `base`. */
export function pointerTo(base: string, ...steps: readonly (string | number)[]): string {
  return [base, ...steps.map((step) => String(step).replaceAll("~", "~0").replaceAll("/", "~1"))].join("/");
}

/** Collects findings under one base pointer. */
export class Findings {
  public readonly all: ManifestFinding[] = [];

  public error(rule: string, pointer: string, problem: string, remedy: string): void {
    this.all.push({ severity: "error", rule, pointer, problem, remedy });
  }

  public warning(rule: string, pointer: string, problem: string, remedy: string): void {
    this.all.push({ severity: "warning", rule, pointer, problem, remedy });
  }
}

/** A value as it stands in a message: one line, at most 80 characters. */
export function show(value: unknown): string {
  const text = value === undefined ? "nothing" : JSON.stringify(value);
  return text.length > 80 ? `${text.slice(0, 77)}...` : text;
}
