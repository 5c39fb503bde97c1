import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { basename, dirname, join, relative, resolve } from "node:path";
import { runInNewContext } from "node:vm";
import { outputsIn } from "./runner-commands";
import { ScriptFolder } from "./stand-ins";
import { actions, job, workflow, type WorkflowStep } from "./workflows";

type Text = Readonly<Record<string, string>>;

/** What a step signs in with where its job has the permission id-token: write. */
export const OIDC = {
  ACTIONS_ID_TOKEN_REQUEST_TOKEN: "oidc-request-token",
  ACTIONS_ID_TOKEN_REQUEST_URL: "https://token.example/?api-version=2.0",
};

/** Contexts of expressions, as GitHub calls them. */
export type Contexts = Readonly<Record<string, unknown>>;

/** A step that ran a script. */
export interface RanStep {
  readonly run: string;
  readonly env: Text;
  readonly log: string;
  readonly status: number | null;
}

/** What a job left behind. */
export interface RanJob {
  readonly status: "success" | "failure";
  readonly outputs: Text;
  readonly steps: readonly RanStep[];
  /** All steps' logs, and what they wrote to the summary. */
  readonly log: string;
  readonly summary: string;
}

/** By name, the files of an artifact with their contents. */
export type Artifacts = Map<string, Record<string, string>>;

/**
 * Runs jobs of the workflows as GitHub does, with programs that stand in for real ones: conditions, expressions, composite
 * actions, outputs, environment variables and artifacts are those of the YAML; checkout and set-up of programs do nothing.
 * It knows the expressions that these workflows use.
 */
export class WorkflowRunner {
  public readonly folder: ScriptFolder;
  public readonly artifacts: Artifacts = new Map();
  private count = 0;

  public constructor(programs: Text) {
    this.folder = new ScriptFolder(programs);
    symlinkSync(resolve(".github"), join(this.folder.path, ".github"));
    writeFileSync(join(this.folder.path, ".terraform-version"), "1.14.8\n");
  }

  /** Runs a job on a machine of its own: nothing is left of earlier ones but artifacts. */
  public run(file: string, name: string, contexts: Contexts): RanJob {
    const { steps = [], outputs = {}, env, permissions } = job(file, name);
    for (const left of ["temp", "cdktf.out", "dist", "outputs", "summary"]) {
      rmSync(join(this.folder.path, left), { recursive: true, force: true });
    }
    mkdirSync(join(this.folder.path, "temp"));
    const context = {
      runner: { temp: join(this.folder.path, "temp"), os: "Linux" },
      github: { token: "github-token", repository: "contoso/edge", ref: "refs/heads/main", actor: "jane" },
      ...contexts,
    };
    const ran: RanStep[] = [];
    // GitHub gives these to every step of such a job.
    const variables = { ...workflow(file).env, ...env, ...(permissions?.["id-token"] === "write" && OIDC) };
    const { failed, steps: results } = this.runSteps(steps, context, texts(variables, context), ran);
    return {
      status: failed ? "failure" : "success",
      outputs: failed ? {} : texts(outputs, { ...context, steps: results }),
      steps: ran,
      log: ran.map(({ log }) => log).join("\n"),
      summary: this.folder.read("summary") ?? "",
    };
  }

  private runSteps(
    steps: readonly WorkflowStep[],
    contexts: Contexts,
    outer: Text,
    ran: RanStep[],
  ): { readonly failed: boolean; readonly steps: Record<string, unknown> } {
    const results: Record<string, unknown> = {};
    for (const step of steps) {
      const context = { ...contexts, steps: results, env: outer };
      if (step.if !== undefined && !evaluate(step.if.replace(/^\$\{\{(.*)\}\}$/s, "$1"), context)) {
        continue;
      }
      const env = { ...outer, ...texts(step.env ?? {}, context) };
      const outputs = step.run === undefined ? this.use(step, context, env, ran) : this.script(step.run, env, ran);
      if (outputs === undefined) {
        return { failed: true, steps: results };
      }
      if (step.id !== undefined) {
        results[step.id] = { outputs, outcome: "success" };
      }
    }
    return { failed: false, steps: results };
  }

  private script(run: string, env: Text, ran: RanStep[]): Text | undefined {
    this.count += 1;
    const place = join(this.folder.path, "outputs");
    mkdirSync(place, { recursive: true });
    const file = join(place, String(this.count));
    const { status, output } = this.folder.bash(run, {
      RUNNER_TEMP: join(this.folder.path, "temp"),
      GITHUB_OUTPUT: file,
      ...env,
    });
    ran.push({ run, env, log: output, status });
    return status === 0 ? outputsIn(existsSync(file) ? readFileSync(file, "utf8") : "") : undefined;
  }

  private use(step: WorkflowStep, context: Contexts, env: Text, ran: RanStep[]): Text | undefined {
    const given = texts(step.with ?? {}, context);
    const uses = step.uses ?? "";
    if (uses.startsWith("actions/upload-artifact@")) {
      return this.upload(given.name ?? "", given.path ?? "") ? {} : undefined;
    }
    if (uses.startsWith("actions/download-artifact@")) {
      return this.download(given.name ?? "", given.path ?? "") ? {} : undefined;
    }
    if (!uses.startsWith("./")) {
      return {};
    }
    const action = actions.find(({ path }) => dirname(path) === uses.slice(2))?.content;
    if (action === undefined) {
      throw new Error(`there is no action ${uses}`);
    }
    const defaults = Object.entries(action.inputs ?? {}).map(([name, input]) => [name, input.default ?? ""]);
    // A composite action sees no secrets and no variables of the workflow but what it is given.
    const { runner, github } = context;
    const inner = { runner, github, inputs: { ...Object.fromEntries(defaults), ...given } as unknown };
    const { failed, steps } = this.runSteps(action.runs.steps, inner, env, ran);
    const outputs = Object.entries(action.outputs ?? {}).map(([name, output]) => [
      name,
      text((output as { value: unknown }).value, { ...inner, steps }),
    ]);
    return failed ? undefined : (Object.fromEntries(outputs) as Text);
  }

  private upload(name: string, patterns: string): boolean {
    const files: Record<string, string> = {};
    for (const pattern of patterns.split("\n").filter((line) => line !== "")) {
      for (const [path, content] of filesOf(pattern)) {
        files[path] = content;
      }
    }
    this.artifacts.set(name, files);
    return Object.keys(files).length > 0;
  }

  private download(name: string, path: string): boolean {
    const files = this.artifacts.get(name);
    for (const [file, content] of Object.entries(files ?? {})) {
      mkdirSync(dirname(join(path, file)), { recursive: true });
      writeFileSync(join(path, file), content);
    }
    return files !== undefined;
  }
}

/** Files that a pattern of upload-artifact takes: a file, a whole folder, or names with * in a folder. */
function filesOf(pattern: string): [string, string][] {
  if (pattern.includes("*")) {
    const form = new RegExp(`^${basename(pattern).replaceAll(".", "\\.").replaceAll("*", "[^/]*")}$`);
    const folder = dirname(pattern);
    return (existsSync(folder) ? readdirSync(folder) : [])
      .filter((name) => form.test(name) && statSync(join(folder, name)).isFile())
      .map((name) => [name, readFileSync(join(folder, name), "utf8")]);
  }
  if (!existsSync(pattern)) {
    return [];
  }
  if (statSync(pattern).isFile()) {
    return [[basename(pattern), readFileSync(pattern, "utf8")]];
  }
  const entries = readdirSync(pattern, { recursive: true, withFileTypes: true });
  return entries
    .filter((entry) => entry.isFile())
    .map((entry) => {
      const file = join(entry.parentPath, entry.name);
      return [relative(pattern, file), readFileSync(file, "utf8")];
    });
}

function texts(values: Readonly<Record<string, unknown>>, contexts: Contexts): Text {
  return Object.fromEntries(Object.entries(values).map(([name, value]) => [name, text(value, contexts)]));
}

function text(value: unknown, contexts: Contexts): string {
  return String(value).replace(/\$\{\{(.*?)\}\}/g, (_all, expression: string) => {
    const result = evaluate(expression, contexts);
    return typeof result === "string" ? result : result === undefined ? "" : JSON.stringify(result);
  });
}

/** The value of an expression. What is not there is undefined, however deep one looks. */
export function evaluate(expression: string, contexts: Contexts): unknown {
  const script = expression
    .split(/('[^']*')/)
    .map((part) => (part.startsWith("'") ? part : part.replace(/\.([A-Za-z_][\w-]*)/g, '?.["$1"]')))
    .join("");
  const functions = {
    cancelled: () => false,
    success: () => true,
    fromJSON: (json: string): unknown => JSON.parse(json),
    startsWith: (whole: string, part: string) => whole.toLowerCase().startsWith(part.toLowerCase()),
  };
  const nothing = {
    github: {},
    inputs: {},
    needs: {},
    steps: {},
    matrix: {},
    vars: {},
    secrets: {},
    runner: {},
    env: {},
  };
  return runInNewContext(script.replaceAll("\n", " "), { ...nothing, ...contexts, ...functions });
}
