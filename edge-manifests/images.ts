import { IMAGE_REPOSITORIES, type RuntimeImage } from "@edge-anomaly-detection/edge-manifest-tools";

/** What Microsoft published under one tag of the runtime. */
export interface PublishedRuntime {
  /** Day of the release, `YYYY-MM-DD` (github.com/Azure/iotedge, CHANGELOG). */
  readonly published: string;
  /**
   * Digest of each image's manifest list, `sha256:` and 64 hexadecimal digits, as `docs/constructs/edge-settings.md` says
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

/** An image of the runtime with its tag and, where it is known, its digest. */
export function runtimeImage(
  image: RuntimeImage,
  tag: string,
  published: Readonly<Record<string, PublishedRuntime>> = PUBLISHED_RUNTIMES,
): string {
  const release = Object.hasOwn(published, tag) ? published[tag] : undefined;
  const digest = release?.digests[image];
  return `${IMAGE_REPOSITORIES[image]}:${tag}${digest === undefined ? "" : `@${digest}`}`;
}
