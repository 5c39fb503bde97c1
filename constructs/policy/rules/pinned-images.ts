import { splitImage } from "@edge-anomaly-detection/edge-manifest-tools";
import { deployedImages } from "../deployed-images";
import { allOf, COMPLIANT, knownLater, NOT_APPLICABLE, type Rule, type Verdict, verdictOf } from "../rule";

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
    const images = deployedImages(subject);
    return images === undefined ? NOT_APPLICABLE : allOf(images.map(({ path, image }) => judge(path, image)));
  },
};

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
