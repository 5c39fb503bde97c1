import type { FoundGroup, WantedGroup } from "./group";

/** One value of a group that differs. */
export interface Difference {
  readonly path: string;
  readonly now: string;
  readonly wanted: string;
}

/** What is to be done with one group. */
export type Step =
  | { readonly action: "create"; readonly id: string; readonly wanted: WantedGroup }
  | {
      readonly action: "change";
      readonly id: string;
      readonly wanted: WantedGroup;
      readonly found: FoundGroup;
      readonly differences: readonly Difference[];
    }
  | { readonly action: "remove"; readonly id: string; readonly found: FoundGroup };

/** What an apply would do, and what it leaves alone. */
export interface EnrollmentPlan {
  readonly steps: readonly Step[];
  readonly unchanged: readonly string[];
  /** Groups of other environments, or made by others. */
  readonly foreign: readonly string[];
  /** What cannot be done, for whoever reads the plan. */
  readonly refusals: readonly string[];
}

/** Compares what is wanted with what is there. */
export function planEnrollments(
  environment: string,
  wanted: readonly WantedGroup[],
  found: readonly FoundGroup[],
): EnrollmentPlan {
  const there = new Map(found.map((group) => [group.id, group]));
  const ids = new Set(wanted.map(({ id }) => id));
  const refusals = wanted.flatMap((group) => refusalOf(environment, group, there.get(group.id)));
  const refused = new Set(refusals.map(({ id }) => id));
  const kept = wanted.filter(({ id }) => !refused.has(id));
  const steps = kept.flatMap((group) => stepOf(group, there.get(group.id)));
  const removals = found
    .filter(({ id, environment: owner }) => owner === environment && !ids.has(id))
    .map((group): Step => ({ action: "remove", id: group.id, found: group }));
  return {
    steps: [...steps, ...removals],
    unchanged: kept.map(({ id }) => id).filter((id) => !steps.some((step) => step.id === id)),
    foreign: found.filter(({ id, environment: owner }) => owner !== environment && !ids.has(id)).map(({ id }) => id),
    refusals: refusals.map(({ text }) => text),
  };
}

function stepOf(wanted: WantedGroup, found: FoundGroup | undefined): Step[] {
  if (found === undefined) {
    return [{ action: "create", id: wanted.id, wanted }];
  }
  const differences = differencesOf(wanted, found);
  return differences.length === 0 ? [] : [{ action: "change", id: wanted.id, wanted, found, differences }];
}

function differencesOf(wanted: WantedGroup, found: FoundGroup): Difference[] {
  const paths = [...new Set([...Object.keys(wanted.facts), ...Object.keys(found.facts)])].sort();
  return paths
    .map((path) => ({ path, now: found.facts[path] ?? "", wanted: wanted.facts[path] ?? "" }))
    .filter((difference) => difference.now !== difference.wanted);
}

function refusalOf(
  environment: string,
  wanted: WantedGroup,
  found: FoundGroup | undefined,
): { id: string; text: string }[] {
  if (found === undefined) {
    return [];
  }
  const type = "attestation.type";
  if (found.environment !== environment) {
    const owner = found.environment === undefined ? "somebody else made it" : `it is of ${found.environment}`;
    return [
      { id: wanted.id, text: `${wanted.id} is there and not this environment's: ${owner}; name the group otherwise` },
    ];
  }
  return found.facts[type] === wanted.facts[type]
    ? []
    : [
        {
          id: wanted.id,
          text: `${wanted.id} proves devices by ${found.facts[type] ?? ""}, which cannot become ${wanted.facts[type] ?? ""}; name a new group`,
        },
      ];
}
