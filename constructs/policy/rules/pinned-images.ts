import { splitImage } from "../../../edge-manifests/check/image-reference";
import { isObject } from "../../../edge-manifests/json";
import { allOf, COMPLIANT, knownLater, NOT_APPLICABLE, type Rule, type Verdict, verdictOf } from "../rule";
import type { Subject } from "../subject";

/** Stands for an expression inside an image. */
const LATE = "(later)";

export const pinnedImages: Rule = {
  id: "pinned-images",
  level: "error",
  what: "Every image that a deployment names has a version or a digest.",
  why: "Devices would run whatever was pushed last, two of them two different things, and no plan would show it.",
  checkov: [],
  psrule: [],
  check: (subject) => {
    const contents = contentsOf(subject);
    if (contents.length === 0) {
      return NOT_APPLICABLE;
    }
    const images = contents.flatMap(({ path, content }) => [...imagesIn(content, path)]);
    return allOf(images.map(({ path, image }) => judge(path, image)));
  },
};

interface Content {
  readonly path: string;
  readonly content: Readonly<Record<string, unknown>>;
}

/** `modulesContent` of deployments: as JSON text in arguments and `for_each`, as objects in local values. */
function contentsOf(subject: Subject): Content[] {
  if (subject.kind === "iothub_edge_deployment") {
    return ["modules_content", "for_each"].flatMap((name) => modulesContents(subject.text(name), name));
  }
  return isObject(subject.arguments_.locals) ? modulesContents(subject.arguments_.locals, "locals") : [];
}

function modulesContents(written: unknown, path: string): Content[] {
  const value = parsed(written);
  if (!isObject(value)) {
    return [];
  }
  return "$edgeAgent" in value
    ? [{ path, content: value }]
    : Object.entries(value).flatMap(([key, inner]) => modulesContents(inner, `${path}.${key}`));
}

function parsed(value: unknown): unknown {
  if (typeof value !== "string" || !value.startsWith("{")) {
    return value;
  }
  try {
    return JSON.parse(value) as unknown;
  } catch {
    // Text with braces of its own, such as a condition.
    return undefined;
  }
}

function* imagesIn(value: unknown, path: string): Generator<{ readonly path: string; readonly image: string }> {
  if (!isObject(value)) {
    return;
  }
  for (const [key, inner] of Object.entries(value)) {
    if (key === "image" && typeof inner === "string") {
      yield { path: `${path}.image`, image: inner };
    } else {
      yield* imagesIn(inner, `${path}.${key}`);
    }
  }
}

function judge(path: string, image: string): Verdict {
  const { tag, digest } = splitImage(image.replace(/\$\{[^}]*\}/g, LATE));
  const version = digest ?? tag;
  if (image.replace(/\$\{[^}]*\}/g, "") === "" || version?.includes(LATE) === true) {
    return knownLater(path);
  }
  return version !== undefined && version !== "" && version !== "latest"
    ? COMPLIANT
    : verdictOf([
        {
          path,
          value: image,
          allowed: "an image with a version other than latest, or with a digest",
          remedy: "name the version that was tested",
        },
      ]);
}
