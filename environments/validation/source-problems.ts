import { collect, type Problem, problemIf } from "@edge-anomaly-detection/common";
import { FROM_SOURCE } from "../../edge-manifests/image-sources";
import type { EnvironmentConfig } from "../environment-config";

/** Validation errors of what is built from whoever's working copy deploys, and of training without data. */
export function sourceProblems({ protection, edge, machineLearning, routing }: EnvironmentConfig): Problem[] {
  const training = machineLearning?.training;
  const built = Object.entries(edge?.versions ?? {}).filter(([, { detector }]) => detector === FROM_SOURCE);
  return collect(
    ...built.map(([name]) =>
      problemIf(
        protection.preventDestroy,
        `edge.versions.${name}.detector`,
        FROM_SOURCE,
        "a tag and a digest in a protected environment",
        "take both from the summary of the workflow image.yml",
      ),
    ),
    problemIf(
      training !== undefined && protection.preventDestroy && training.image === undefined,
      "machineLearning.training.image",
      training?.image,
      "a tag and a digest in a protected environment",
      "take both from the summary of the workflow image.yml",
    ),
    problemIf(
      training !== undefined && routing?.telemetryToLake === false,
      "machineLearning.training",
      training,
      "training only where telemetry is in the lake",
      "leave routing.telemetryToLake out, or take training away",
    ),
    problemIf(
      training !== undefined && edge !== undefined && edge.telemetryToCloud !== true,
      "machineLearning.training",
      training,
      "training only where devices send telemetry",
      "write edge.telemetryToCloud true, or take training away",
    ),
  );
}
