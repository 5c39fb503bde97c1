import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { parse } from "yaml";

/** A step of a job or of a composite action. */
export interface WorkflowStep {
  readonly id?: string;
  readonly if?: string;
  readonly uses?: string;
  readonly run?: string;
  readonly shell?: string;
  readonly with?: Readonly<Record<string, unknown>>;
  readonly env?: Readonly<Record<string, string>>;
}

export interface WorkflowJob {
  readonly needs?: string | readonly string[];
  readonly if?: string;
  readonly uses?: string;
  readonly with?: Readonly<Record<string, unknown>>;
  readonly environment?: string;
  readonly permissions?: Readonly<Record<string, string>>;
  readonly "timeout-minutes"?: number;
  readonly concurrency?: Readonly<Record<string, unknown>>;
  readonly strategy?: Readonly<Record<string, unknown>>;
  readonly outputs?: Readonly<Record<string, string>>;
  readonly env?: Readonly<Record<string, string>>;
  readonly steps?: readonly WorkflowStep[];
}

export interface Workflow {
  readonly on: Readonly<Record<string, unknown>>;
  readonly permissions?: unknown;
  readonly env?: Readonly<Record<string, string>>;
  readonly defaults?: { readonly run?: { readonly shell?: string } };
  readonly jobs: Readonly<Record<string, WorkflowJob>>;
}

export interface CompositeAction {
  readonly inputs?: Readonly<Record<string, { readonly required?: boolean; readonly default?: string }>>;
  readonly outputs?: Readonly<Record<string, unknown>>;
  readonly runs: { readonly using: string; readonly steps: readonly WorkflowStep[] };
}

/** A file and what is in it. */
export interface Loaded<T> {
  readonly path: string;
  readonly text: string;
  readonly content: T;
}

const FOLDER = ".github";

const load = <T>(path: string): Loaded<T> => {
  const text = readFileSync(path, "utf8");
  return { path, text, content: parse(text) as T };
};

export const workflows: readonly Loaded<Workflow>[] = readdirSync(join(FOLDER, "workflows"))
  .sort()
  .map((file) => load(join(FOLDER, "workflows", file)));

export const actions: readonly Loaded<CompositeAction>[] = readdirSync(join(FOLDER, "actions"))
  .sort()
  .map((folder) => load(join(FOLDER, "actions", folder, "action.yml")));

export const scripts: readonly string[] = readdirSync(join(FOLDER, "scripts"))
  .sort()
  .map((file) => join(FOLDER, "scripts", file));

/** A workflow by its file's name. */
export function workflow(file: string): Workflow {
  const found = workflows.find(({ path }) => path.endsWith(`/${file}`));
  if (found === undefined) {
    throw new Error(`there is no workflow ${file}`);
  }
  return found.content;
}

/** A job of a workflow. */
export function job(file: string, name: string): WorkflowJob {
  const found = workflow(file).jobs[name];
  if (found === undefined) {
    throw new Error(`${file} has no job ${name}`);
  }
  return found;
}

/** Every step there is, with where it stands. */
export const steps: readonly (WorkflowStep & { readonly where: string })[] = [
  ...workflows.flatMap(({ path, content }) =>
    Object.entries(content.jobs).flatMap(([name, { steps: own }]) =>
      (own ?? []).map((step, index) => ({ ...step, where: `${path} ${name}[${index}]` })),
    ),
  ),
  ...actions.flatMap(({ path, content }) =>
    content.runs.steps.map((step, index) => ({ ...step, where: `${path} [${index}]` })),
  ),
];
