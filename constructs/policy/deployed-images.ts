import { isObject } from "@edge-anomaly-detection/common";
import type { WrittenElement } from "./written-element";

/** An image that a deployment names. */
export interface DeployedImage {
  /** Where it stands in the subject, names with dots between them. */
  readonly path: string;
  /** Registry, repository, tag, digest, or an expression that Terraform fills in. */
  readonly image: string;
}

/** Images in a subject's `modulesContent`; undefined where it has none, because it deploys nothing. */
export function deployedImages(subject: WrittenElement): readonly DeployedImage[] | undefined {
  const contents = contentsOf(subject);
  return contents.length === 0 ? undefined : contents.flatMap(({ path, content }) => [...imagesIn(content, path)]);
}

interface Content {
  readonly path: string;
  readonly content: Readonly<Record<string, unknown>>;
}

/** `modulesContent` of deployments: as JSON text in arguments and `for_each`, as objects in local values. */
function contentsOf(subject: WrittenElement): Content[] {
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

function* imagesIn(value: unknown, path: string): Generator<DeployedImage> {
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
