import { collect, type Problem, problemIf } from "@edge-anomaly-detection/common";

/** Terraform would evaluate what is in `${…}` and `%{…}`. */
export function templateProblems(path: string, value: unknown): Problem[] {
  if (typeof value === "string") {
    return collect(
      problemIf(
        /[$%]\{/.test(value),
        path,
        value,
        "text without ${ and %{, which Terraform takes for expressions",
        "write it without",
      ),
    );
  }
  if (typeof value !== "object" || value === null) {
    return [];
  }
  return Object.entries(value).flatMap(([key, inner]) =>
    templateProblems(Array.isArray(value) ? `${path}[${key}]` : path === "" ? key : `${path}.${key}`, inner),
  );
}
