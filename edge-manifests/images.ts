import { IMAGE_REPOSITORIES, type RuntimeImage } from "@edge-anomaly-detection/edge-manifest-tools";

/** What Microsoft published under one tag of the runtime. */
export interface PublishedRuntime {
  /** Day of the release, `YYYY-MM-DD` (github.com/Azure/iotedge, CHANGELOG). */
  readonly published: string;
  /**
   * Digest of each image's manifest list, `sha256:` and 64 hexadecimal digits, as `docs/devices.md` says
   * how to look up. An image without one is named by its tag alone, of which `npm run -s policy` warns in protected
   * environments.
   */
  readonly digests: Readonly<Partial<Record<RuntimeImage, string>>>;
}

/** Releases of the runtime by tag. The digests were never looked up: that takes a machine that reaches mcr.microsoft.com. */
export const PUBLISHED_RUNTIMES: Readonly<Record<string, PublishedRuntime>> = {
  "1.6.0": { published: "2026-07-14", digests: {} },
  "1.6.1": { published: "2026-08-12", digests: {} },
};

/**
 * An image by its digest where there is one, else by its tag. Never by both: the agent's grammar takes one of them
 * (Azure/iotedge, edge-agent Docker/DockerConfig).
 *
 * @param version a tag, `1.0.0`, or a tag with the digest that it had, `1.0.0@sha256:…`
 */
export function imageReference(repository: string, version: string): string {
  const [tag = "", digest] = version.split("@");
  return digest === undefined ? `${repository}:${tag}` : `${repository}@${digest}`;
}

/** An image of the runtime by its digest where that is known, else by its tag. */
export function runtimeImage(
  image: RuntimeImage,
  tag: string,
  published: Readonly<Record<string, PublishedRuntime>> = PUBLISHED_RUNTIMES,
): string {
  const release = Object.hasOwn(published, tag) ? published[tag] : undefined;
  const digest = release?.digests[image];
  return imageReference(IMAGE_REPOSITORIES[image], digest === undefined ? tag : `${tag}@${digest}`);
}
