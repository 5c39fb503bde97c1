import type { EnvironmentConfig } from "../../environments/environment-config";

/**
 * The environments that a pipeline is given by their names, in their own order; all of them where `names` is left out.
 *
 * @param names separated by spaces or commas
 */
export function chooseEnvironments(
  names: string | undefined,
  known: readonly EnvironmentConfig[],
): { readonly chosen: readonly EnvironmentConfig[]; readonly problems: readonly string[] } {
  const wanted = names?.split(/[\s,]+/).filter((name) => name !== "");
  return {
    chosen: known.filter(({ name }) => wanted?.includes(name) ?? true),
    problems: (wanted ?? []).flatMap((name) => problemsOf(name, known)),
  };
}

function problemsOf(name: string, known: readonly EnvironmentConfig[]): string[] {
  const environment = known.find((candidate) => candidate.name === name);
  if (environment === undefined) {
    return [
      `there is no environment ${name}\n` +
        `  allowed: ${known.map((one) => one.name).join(", ")}\n` +
        "  do:      correct the repository's variable PIPELINE_ENVIRONMENTS",
    ];
  }
  return environment.backend.kind === "local"
    ? [
        `${name} keeps its state in a local file, which no runner has\n` +
          "  allowed: environments whose backend is cloud or azurerm\n" +
          `  do:      give it another backend in environments/${name}.ts, or take it out of PIPELINE_ENVIRONMENTS`,
      ]
    : [];
}
