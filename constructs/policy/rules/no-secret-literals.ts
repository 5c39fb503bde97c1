import { isObject, type Problem } from "@edge-anomaly-detection/common";
import { HIDDEN, isSecretPath, withoutSecrets } from "@edge-anomaly-detection/azure-facts";
import { type Rule, verdictOf } from "../rule";
import type { WrittenElement } from "../written-element";

/** Names that sound like a secret and hold what leads to one. A bare `secret` is the name that it has in a vault. */
const HARMLESS_NAME = /^secret$|_(enabled|expiry|ids?|names?|path|permissions|regex|type|uri|url|version)$/i;
/** Arguments whose keys are paths into bodies; what they hold are versions and queries. */
const WITHOUT_SECRETS = new Set([
  "//",
  "replace_triggers_refs",
  "response_export_values",
  "sensitive_body_version",
  "sensitive_response_export_values",
]);
/** Names that may belong to a secret, or to what is around one; for all others nobody needs to look at their path. */
const SUSPECT =
  /secret|pass|pwd|token|credential|key|connection|signature|url|uri|trigger|code|cert|pfx|ca$|_ca_|data|encrypt|plain|sensitive|protected|environment|value|content|base64|name$|id$|tenant|changes/i;
/** The same few hundred names come again in every stack, and so do the arguments that are secrets. */
const suspects = new Map<string, boolean>();
const secretNames = new Map<string, boolean>();

/** The way to a value, from its end: most values never need it as text. */
interface Trail {
  readonly step: string;
  readonly before: Trail | undefined;
}

export const noSecretLiterals: Rule = {
  id: "no-secret-literals",
  level: "error",
  what: "No secret stands in the configuration; secrets are made by Azure or come from a vault or a sensitive variable.",
  why: "The JSON, its history and everybody's copy would hold it, and it could never be taken back.",
  checkov: [],
  psrule: [],
  check: (subject) => {
    const problems: Problem[] = [];
    new Search(subject, problems).visit(subject.arguments_, undefined, false);
    return verdictOf(problems);
  },
};

/** Goes through everything that one element says. */
class Search {
  public constructor(
    private readonly subject: WrittenElement,
    private readonly problems: Problem[],
  ) {}

  public visit(value: unknown, trail: Trail | undefined, suspect: boolean): void {
    if (typeof value === "string") {
      this.judge(value, trail, suspect);
    } else if (Array.isArray(value)) {
      value.forEach((inner, index) => {
        this.visit(inner, { step: `[${index}]`, before: trail }, suspect);
      });
    } else if (isObject(value)) {
      for (const key of Object.keys(value)) {
        if (!WITHOUT_SECRETS.has(key)) {
          this.visit(value[key], { step: key, before: trail }, suspect || isSuspect(key));
        }
      }
    }
  }

  private judge(text: string, trail: Trail | undefined, suspect: boolean): void {
    const path = suspect ? written(trail) : "";
    const named = suspect && isSecretName(this.subject, path);
    if (named ? isLiteral(text) : holdsSecret(text)) {
      this.problems.push({
        path: suspect ? path : written(trail),
        value: HIDDEN,
        allowed: "a reference, a sensitive variable or an ephemeral value",
        remedy: "renew the secret, it is known now, and take it from where it is kept",
      });
    }
  }
}

const isSuspect = (name: string): boolean => once(suspects, name, () => SUSPECT.test(name));

function once(answers: Map<string, boolean>, question: string, answer: () => boolean): boolean {
  let known = answers.get(question);
  if (known === undefined) {
    known = answer();
    answers.set(question, known);
  }
  return known;
}

function written(trail: Trail | undefined): string {
  const steps: string[] = [];
  for (let place = trail; place !== undefined; place = place.before) {
    steps.unshift(place.step);
  }
  return steps.join(".").replaceAll(".[", "[");
}

function isLiteral(value: string): boolean {
  const literal = withoutExpressions(value).trim();
  return literal !== "" && !/^(true|false|null)$/.test(literal);
}

const holdsSecret = (text: string): boolean => withoutSecrets(text) !== text;

/** What of a text Terraform does not compute; expressions have braces inside. */
function withoutExpressions(text: string): string {
  let literal = "";
  let depth = 0;
  for (let index = 0; index < text.length; index += 1) {
    const starts = (text[index] === "$" || text[index] === "%") && text[index + 1] === "{";
    if (depth > 0) {
      depth += text[index] === "{" ? 1 : text[index] === "}" ? -1 : 0;
    } else if (starts) {
      depth = 1;
      index += 1;
    } else {
      literal += text[index] ?? "";
    }
  }
  return literal;
}

function isSecretName(subject: WrittenElement, path: string): boolean {
  const [type] = subject.kind.split(":");
  return once(secretNames, `${type ?? ""} ${path}`, () => {
    const name = (path.split(".").at(-1) ?? "").replace(/\[\d+\]/g, "");
    return !HARMLESS_NAME.test(name) && isSecretPath(path, type);
  });
}
