import { allDifferent, collect, type Problem, problemIf } from "@edge-anomaly-detection/common";
import { hasForm } from "@edge-anomaly-detection/common/rules";

/** Limits of learn.microsoft.com/azure/azure-resource-manager/management/tag-resources; names as storage accounts take them. */
export function tagProblems(path: string, tags: Readonly<Record<string, string>>): Problem[] {
  const entries = Object.entries(tags);
  return collect(
    problemIf(
      entries.length > 40,
      path,
      entries.length,
      "at most 40 tags, of 50 that a resource takes",
      "leave some out",
    ),
    ...entries.flatMap(([name, value]) => [
      hasForm(
        `${path}.${name}`,
        name,
        /^[^<>%&\\?/]{1,128}$/,
        "a name of 1 to 128 characters without < > % & \\ ? /",
        "rename the tag",
      ),
      hasForm(`${path}.${name}`, value, /^.{0,256}$/s, "a value of at most 256 characters", "shorten the value"),
      problemIf(
        name.toLowerCase() === "environment",
        `${path}.${name}`,
        value,
        "any tag but environment, which is the environment's name",
        "remove it",
      ),
    ]),
    allDifferent(
      entries.map(([name]) => ({ path: `${path}.${name}`, value: name })),
      "use each tag once; Azure is not case-sensitive",
    ),
  );
}
