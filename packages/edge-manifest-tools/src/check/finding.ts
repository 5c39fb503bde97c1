import type { RuleId } from "./rules";
import { logText } from "../log-text";

/** Something in a manifest that Azure or a device would refuse or drop (`error`), or that is unwise (`warning`). */
export interface ManifestFinding {
  readonly severity: "error" | "warning";
  /** Which rule found it: a short name that stays the same. */
  readonly rule: RuleId;
  /** Where it is, a JSON pointer (RFC 6901) into the document. */
  readonly pointer: string;
  /** What is wrong, on one line. */
  readonly problem: string;
  /** What would be right, on one line. */
  readonly remedy: string;
  /** Text with a caret under the place, line by line. @default - none */
  readonly excerpt?: readonly string[];
}

/** A JSON pointer to `steps` below `base`. */
export function pointerTo(base: string, ...steps: readonly (string | number)[]): string {
  let pointer = base;
  for (const step of steps) {
    pointer += `/${/[~/]/.test(String(step)) ? String(step).replaceAll("~", "~0").replaceAll("/", "~1") : step}`;
  }
  return pointer;
}

/** How people write comments into JSON. */
const COMMENT = /^(_|\/\/|\/\*|#|comment|description$|notes?$)/i;

/** Collects findings. What they say comes from documents that anybody may have written: it is made visible. */
export class Findings {
  public readonly all: ManifestFinding[] = [];

  public error(rule: RuleId, pointer: string, problem: string, remedy: string, excerpt?: readonly string[]): void {
    this.add("error", rule, pointer, problem, remedy, excerpt);
  }

  public warning(rule: RuleId, pointer: string, problem: string, remedy: string): void {
    this.add("warning", rule, pointer, problem, remedy);
  }

  /** A property that nobody reads: dropped, unless it is a comment. */
  public unread(rule: RuleId, pointer: string, name: string, problem: string, remedy: string): void {
    this.add(COMMENT.test(name) ? "warning" : "error", rule, pointer, problem, remedy);
  }

  private add(
    severity: ManifestFinding["severity"],
    rule: RuleId,
    pointer: string,
    problem: string,
    remedy: string,
    excerpt?: readonly string[],
  ): void {
    this.all.push({
      severity,
      rule,
      pointer,
      problem: logText(problem),
      remedy: logText(remedy),
      ...(excerpt !== undefined && { excerpt }),
    });
  }
}

/** A value as it stands in a message: one line, at most 80 characters. */
export function show(value: unknown): string {
  const text = value === undefined ? "nothing" : logText(JSON.stringify(value));
  return text.length > 80 ? `${text.slice(0, 77)}...` : text;
}

/** Longest part of a text that an excerpt shows. */
const WIDTH = 100;

/** A text with a caret under one of its characters; of a long text what stands around it. */
export function excerptOf(text: string, offset: number): readonly string[] {
  const start = Math.max(0, offset - WIDTH / 2);
  const before = `${start > 0 ? "…" : ""}${logText(text.slice(start, offset))}`;
  const rest = logText(text.slice(offset, start + WIDTH));
  return [`${before}${rest}${start + WIDTH < text.length ? "…" : ""}`, `${" ".repeat(before.length)}^`];
}
