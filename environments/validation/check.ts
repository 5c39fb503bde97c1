import { regionProblems } from "@edge-anomaly-detection/azure-facts";
import { joined, type Problem } from "@edge-anomaly-detection/common";
import type { BootstrapConfig } from "../bootstrap-config";
import type { EnvironmentConfig, OrganizationConfig } from "../environment-config";
import { bootstrapProblems } from "./bootstrap-problems";
import { environmentProblems } from "./environment-problems";
import { isFirst, problemsAcross } from "./across-environments";
import { resourceGroupProblems } from "./pipeline-separation";
import { checkShape, type ShapeCheck } from "./check-shape";
import { plainCopy, reasonOf } from "./plain-copy";
import type { ConfigurationShapes } from "./shape";
import shapes from "./shapes.json";

/** What the files in environments/ export, before anything is known of it. */
export interface RawConfiguration {
  readonly organization: unknown;
  readonly environments: unknown;
  readonly bootstrap: unknown;
}

/** The same, valid. */
export interface Configuration {
  /** Set by {@link checkConfiguration}: what it found valid is not validated again. */
  readonly isValidated?: true;
  readonly organization: OrganizationConfig;
  readonly environments: readonly EnvironmentConfig[];
  readonly bootstrap: BootstrapConfig;
}

/** Whose a validation error is: an environment's, by its place in the list, or another file's. */
export type Owner = "organization" | "bootstrap" | "index" | number;

/** A validation error, whose it is, and where it is in what that file exports. */
export interface OwnedProblem extends Problem {
  readonly owner: Owner;
  readonly inner: string;
}

/** A configuration, or everything that is wrong with it. */
export type ConfigurationCheck =
  | { readonly configuration: Configuration; readonly problems: readonly [] }
  | { readonly configuration?: never; readonly problems: readonly OwnedProblem[] };

const SHAPES = shapes as unknown as ConfigurationShapes;

/** Checks everything at once: first against the types, then by the rules, which see something valid in place of what is not. */
export function checkConfiguration(raw: RawConfiguration): ConfigurationCheck {
  const list = plainCopy(raw.environments);
  const items: readonly unknown[] = Array.isArray(list) ? list : [];
  const label = labelsOf(items);
  const organization = {
    owner: "organization",
    ...checkShape(SHAPES.organization, plainCopy(raw.organization), ""),
  } as const;
  const bootstrap = { owner: "bootstrap", ...checkShape(SHAPES.bootstrap, plainCopy(raw.bootstrap), "") } as const;
  const environments = items.map((item, owner) => ({ owner, ...checkShape(SHAPES.environment, item, "") }));
  const all: readonly (ShapeCheck & { readonly owner: Owner })[] = [organization, ...environments, bootstrap];

  const owned = (owner: Owner, problems: readonly Problem[]): OwnedProblem[] =>
    problems.map((problem) => ({ ...problem, owner, inner: problem.path, ...placed(owner, problem, label) }));
  const types = all.flatMap(({ owner, problems }) => owned(owner, problems));
  const byRules = ruleProblems(
    organization.repaired as OrganizationConfig,
    environments.map(({ repaired }) => repaired as EnvironmentConfig),
    bootstrap.repaired as BootstrapConfig,
  )
    .flatMap(({ owner, problem }) => owned(owner, [problem]))
    .filter((problem) => !types.some((one) => one.owner === problem.owner && explains(one.inner, problem.inner)));
  const doubts = all
    .flatMap(({ owner, doubts: found }) => owned(owner, found))
    .filter((doubt) => !byRules.some(({ owner, inner }) => owner === doubt.owner && inner === doubt.inner));
  const notAList: readonly OwnedProblem[] = Array.isArray(list)
    ? []
    : owned("index", [
        { path: "environments", value: list, allowed: "a list of environments", remedy: "export the list" },
      ]);
  const problems = [...notAList, ...types, ...doubts, ...byRules].filter(isFirst);
  return problems.length > 0
    ? { problems: problems.sort((a, b) => rank(a.owner) - rank(b.owner)) }
    : {
        configuration: {
          isValidated: true,
          organization: organization.repaired as OrganizationConfig,
          environments: environments.map(({ repaired }) => repaired as EnvironmentConfig),
          bootstrap: bootstrap.repaired as BootstrapConfig,
        },
        problems: [],
      };
}

interface RuleProblem {
  readonly owner: Owner;
  readonly problem: Problem;
}

function ruleProblems(
  organization: OrganizationConfig,
  environments: readonly EnvironmentConfig[],
  bootstrap: BootstrapConfig,
): RuleProblem[] {
  const across = guarded("environments", () => problemsAcross(environments)).map((problem): RuleProblem => {
    const [, index, inner] = /^\[(\d+)\]\.(.*)$/.exec(problem.path) ?? [];
    return index === undefined
      ? { owner: "index", problem }
      : { owner: Number(index), problem: { ...problem, path: inner ?? "" } };
  });
  const each = environments.flatMap((environment, index) =>
    guarded("", () => environmentProblems(organization, environment)).map((problem): RuleProblem => {
      const isShared = problem.path.startsWith("organization.");
      return isShared
        ? { owner: "organization", problem: { ...problem, path: problem.path.slice("organization.".length) } }
        : { owner: index, problem };
    }),
  );
  const ofBootstrap = guarded("", () => [
    ...regionProblems("stateStorage.location", bootstrap.stateStorage?.location, organization.additionalRegions),
    ...bootstrapProblems(bootstrap, environments),
    ...resourceGroupProblems(organization, bootstrap.stateStorage, environments),
  ]).map((problem): RuleProblem => {
    const first = problem.path.split(/[.[]/)[0] ?? "";
    const index =
      first in BOOTSTRAP_SETTINGS ? -1 : environments.findIndex(({ name }) => problem.path.startsWith(`${name}.`));
    const name = environments[index]?.name ?? "";
    return index < 0
      ? { owner: "bootstrap", problem }
      : { owner: index, problem: { ...problem, path: problem.path.slice(name.length + 1) } };
  });
  return [...across, ...each, ...ofBootstrap];
}

const BOOTSTRAP_SETTINGS: Readonly<Record<string, unknown>> =
  SHAPES.bootstrap.kind === "object" ? SHAPES.bootstrap.properties : {};

/** A rule that fails on data of the declared types is a fault of ours; whoever wrote the data still gets a message. */
function guarded(path: string, judge: () => Problem[]): Problem[] {
  try {
    return judge();
  } catch (error) {
    return [
      {
        path: path === "" ? UNJUDGED : path,
        value: reasonOf(error),
        allowed: "values that the rules can check",
        remedy: "look for an unusual value in this file, and report this message",
      },
    ];
  }
}

/** Path of a configuration on which a rule failed. */
export const UNJUDGED = "configuration";

/** Settings that rules of other settings depend on: an error in the first would be reported again at the second. */
const JUDGED_BY: readonly (readonly [RegExp, RegExp])[] = [[/^edge\.versions$/, /^edge\.rings\..*\.version$/]];

/** Whether a setting of the wrong type is why a rule complains. */
const explains = (outer: string, inner: string): boolean =>
  covers(outer, inner) || JUDGED_BY.some(([first, second]) => first.test(outer) && second.test(inner));

/** Whether one place is the other or holds it. */
const covers = (outer: string, inner: string): boolean =>
  inner === outer || outer === "" || (inner.startsWith(outer) && /^[.[]/.test(inner.slice(outer.length)));

/** Environments by name where that tells one from the others, otherwise by their place in the list. */
function labelsOf(items: readonly unknown[]): (index: number) => string {
  const names = items.map((item) => (item as { readonly name?: unknown } | null | undefined)?.name);
  return (index) => {
    const name = names[index];
    const isUnique = names.indexOf(name) === names.lastIndexOf(name);
    return typeof name === "string" && /^[a-z][a-z0-9-]*$/.test(name) && isUnique ? name : `[${index}]`;
  };
}

function placed(owner: Owner, problem: Problem, label: (index: number) => string): { readonly path: string } {
  const prefix =
    typeof owner === "number" ? label(owner) : owner === "organization" || owner === "bootstrap" ? owner : "";
  return { path: prefix === "" ? problem.path : joined(prefix, problem.path) };
}

const rank = (owner: Owner): number =>
  owner === "index" ? -2 : owner === "organization" ? -1 : owner === "bootstrap" ? Number.MAX_SAFE_INTEGER : owner;
