import { visible, visibleLines } from "@edge-anomaly-detection/common";
/** Characters of one value that are shown. */
const MAX_VALUE = 160;

/** The beginning of a long text, and how long it is. */
export function shortened(text: string, limit = MAX_VALUE): string {
  if (text.length <= limit) {
    return text;
  }
  const end = /[\uD800-\uDBFF]/.test(text.charAt(limit - 1)) ? limit - 1 : limit;
  return `${text.slice(0, end)}… (${text.length} characters)`;
}

/** A value as a reader sees it on one line; containers by what they hold. */
export function show(value: unknown): string {
  if (typeof value === "string") {
    return JSON.stringify(visibleLines(shortened(value)));
  }
  if (value === null || value === undefined) {
    return "nothing";
  }
  return visible(shortened(JSON.stringify(value)));
}

/** A path with one name more, as Terraform writes it: `tags.owner`, `tags["a b"]`. */
export function below(path: string, name: string): string {
  if (name.length > MAX_VALUE || !/^[\p{L}_$][\p{L}\p{N}_$-]*$/u.test(name)) {
    return `${path}[${show(name)}]`;
  }
  const plain = visible(name);
  return path === "" ? plain : `${path}.${plain}`;
}
