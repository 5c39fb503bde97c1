import { IMAGE_REPOSITORIES, splitImage } from "@edge-anomaly-detection/edge-manifest-tools";
import { deployedImages } from "../deployed-images";
import { COMPLIANT, NOT_APPLICABLE, type Rule, verdictOf } from "../rule";

const RUNTIME: readonly string[] = [
  IMAGE_REPOSITORIES.edgeAgent,
  IMAGE_REPOSITORIES.edgeHub,
  IMAGE_REPOSITORIES.simulatedSensor,
];

export const imagesByDigest: Rule = {
  id: "images-by-digest",
  level: "warning",
  what: "In a protected environment every image that a deployment names has a digest.",
  why: "Whoever may push to a registry can put another image under a tag that was tested, and no plan would show it.",
  checkov: [],
  psrule: [],
  check: (subject, { preventDestroy }) => {
    const images = preventDestroy ? deployedImages(subject) : undefined;
    if (images === undefined) {
      return NOT_APPLICABLE;
    }
    const known = images.map(({ image }) => image).filter((image) => !image.includes("${"));
    const byTag = [...new Set(known.filter((image) => splitImage(image).digest === undefined))];
    return known.length === 0
      ? NOT_APPLICABLE
      : byTag.length === 0
        ? COMPLIANT
        : verdictOf([
            {
              path: "modules_content",
              value: byTag,
              allowed: "images by digest, REPOSITORY@sha256: and 64 hexadecimal digits",
              remedy: `look each up with \`docker buildx imagetools inspect IMAGE\` and ${placesOf(byTag)}`,
            },
          ]);
  },
};

/** Where digests are written. */
function placesOf(images: readonly string[]): string {
  const isRuntime = (image: string): boolean => RUNTIME.includes(splitImage(image).repository);
  return [
    ...(images.some(isRuntime) ? ["write its digest into edge-manifests/images.ts"] : []),
    ...(images.every(isRuntime) ? [] : ["write it after the tag in edge.versions of the environment's file"]),
  ].join(", or ");
}
