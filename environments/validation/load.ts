import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import type * as TypeScript from "typescript";
import { joined, type Problem, Unreadable, ValidationError } from "@edge-anomaly-detection/common";
import { checkConfiguration, type Configuration, type OwnedProblem, type Owner } from "./check";
import type { CompilerDiagnostic } from "./diagnostics";
import { locator } from "./locate";
import { reasonOf } from "./plain-copy";

/** Where the configuration is, relative to the repository. */
export const FOLDER = "environments";

/** Names a file of the compiler's findings, where there are any; set by whoever compiled. */
export const DIAGNOSTICS_VARIABLE = "COMPILER_DIAGNOSTICS";

/** A valid configuration and the files that it is from. */
export interface LoadedConfiguration extends Configuration {
  /** File of each environment, by its name: `environments/dev.ts`. */
  readonly files: ReadonlyMap<string, string>;
  /** Files with an environment that index.ts does not list. */
  readonly unlisted: readonly string[];
}

type Exports = Readonly<Record<string, unknown>>;

interface Module {
  readonly file: string;
  readonly exports?: Exports;
  readonly error?: unknown;
}

/**
 * Loads what is in environments/, whatever it is, and validates it.
 *
 * @throws ValidationError with all that is wrong, the compiler's findings included
 */
export function loadConfiguration(): LoadedConfiguration {
  const modules = loadModules();
  const of = (file: string): Module | undefined => modules.find((module) => module.file === `${FOLDER}/${file}`);
  const index = of("index.ts");
  const found = modules.flatMap(({ file, exports: exported }) =>
    Object.values(exported ?? {})
      .filter(looksLikeEnvironment)
      .map((environment) => ({ file, environment })),
  );
  const raw = index?.exports?.environments ?? found.map(({ environment }) => environment);
  const environments: readonly unknown[] = Array.isArray(raw) ? raw : [];
  const fileOf = (owner: Owner): string =>
    typeof owner === "number"
      ? (found.find(({ environment }) => environment === environments[owner])?.file ?? `${FOLDER}/index.ts`)
      : `${FOLDER}/${owner}.ts`;

  const { configuration, problems } = checkConfiguration({
    organization: of("organization.ts")?.exports?.organization,
    environments: raw,
    bootstrap: of("bootstrap.ts")?.exports?.bootstrap,
  });
  const failed = modules.filter(({ exports: exported }) => exported === undefined).map(({ file }) => file);
  const ours = problems.filter(({ owner }) => !failed.includes(fileOf(owner)));
  const isKnown = ({ file, path }: CompilerDiagnostic): boolean => {
    const [, element] = file === `${FOLDER}/index.ts` ? (/^\[(\d+)\]$/.exec(path) ?? []) : [];
    return ours.some(
      ({ owner, inner }) => owner === Number(element) || (fileOf(owner) === file && overlaps(inner, path)),
    );
  };
  const compiler = readDiagnostics().filter((diagnostic) => failed.includes(diagnostic.file) || !isKnown(diagnostic));
  const all = [
    ...ours.map((problem) => withFile(problem, fileOf(problem.owner), environments)),
    ...compiler.map(asProblem),
    ...modules
      .filter(({ file, error }) => error !== undefined && !compiler.some((diagnostic) => diagnostic.file === file))
      .map(({ file, error }) => loadProblem(file, error)),
  ];
  if (all.length > 0 || configuration === undefined) {
    const order = [...ORGANIZATION_FIRST, ...environments.map((_, index) => fileOf(index)), `${FOLDER}/bootstrap.ts`];
    throw new ValidationError("configuration", inOrder(all, order));
  }
  return {
    ...configuration,
    files: new Map(configuration.environments.map(({ name }, owner) => [name, fileOf(owner)])),
    unlisted: found.filter(({ environment }) => !environments.includes(environment)).map(({ file }) => file),
  };
}

const ORGANIZATION_FIRST: readonly string[] = [`${FOLDER}/index.ts`, `${FOLDER}/organization.ts`];

/** By file, then by line. */
function inOrder(problems: readonly Problem[], files: readonly string[]): Problem[] {
  const rank = ({ file }: Problem): [number, number] => {
    const [name = "", line] = file?.split(":") ?? [];
    const place = files.indexOf(name);
    return [place === -1 ? files.length : place, Number(line ?? 0)];
  };
  return [...problems].sort((a, b) => {
    const [[fileA, lineA], [fileB, lineB]] = [rank(a), rank(b)];
    return fileA - fileB || lineA - lineB;
  });
}

/** Each file is loaded on its own, so that one that fails does not hide what is wrong with the others. */
function loadModules(): Module[] {
  // The index comes last: a file that it imports fails under its own name.
  const files = readdirSync(FOLDER).filter((file) => file.endsWith(".ts") && !file.endsWith(".d.ts"));
  const ordered = [...files.filter((file) => file !== "index.ts").sort(), "index.ts"];
  const failures = new Set<string>();
  return ordered.map((file) => {
    const name = file.slice(0, -".ts".length);
    try {
      // eslint-disable-next-line @typescript-eslint/no-require-imports -- an import could not be caught
      return { file: `${FOLDER}/${file}`, exports: require(`../${name}.ts`) as Exports };
    } catch (error) {
      // What a file imports has failed before.
      const reason = reasonOf(error);
      if (failures.has(reason)) {
        return { file: `${FOLDER}/${file}` };
      }
      failures.add(reason);
      return { file: `${FOLDER}/${file}`, error: error ?? "nothing" };
    }
  });
}

function looksLikeEnvironment(value: unknown): value is object {
  try {
    return typeof value === "object" && value !== null && !Array.isArray(value) && "code" in value && "name" in value;
  } catch {
    return false;
  }
}

function readDiagnostics(): CompilerDiagnostic[] {
  const file = process.env[DIAGNOSTICS_VARIABLE];
  return file === undefined || file === "" ? [] : (JSON.parse(readFileSync(file, "utf8")) as CompilerDiagnostic[]);
}

/** Whether one place holds the other; the compiler names the object where a setting of it is missing or unknown. */
function overlaps(a: string, b: string): boolean {
  const [short, long] = a.length <= b.length ? [a, b] : [b, a];
  return short === "" || (long.startsWith(short) && /^($|[.[])/.test(long.slice(short.length)));
}

function asProblem({ file, line, variable, path, text, code, message }: CompilerDiagnostic): Problem {
  return {
    file: `${file}:${line}`,
    path: variable === "" ? "the source text" : joined(variable, path),
    value: new Unreadable(text.split("\n")[0] ?? ""),
    allowed: `what the compiler accepts: ${message}`,
    remedy: `correct it; npm run typecheck shows ${code} with its surroundings`,
  };
}

function loadProblem(file: string, error: unknown): Problem {
  return {
    file,
    path: "the file",
    value: new Unreadable(reasonOf(error)),
    allowed: "a file that loads",
    remedy: "correct what it runs when it is loaded, or what it imports",
  };
}

function withFile({ owner, inner, ...problem }: OwnedProblem, file: string, environments: readonly unknown[]): Problem {
  const name = typeof owner === "number" ? nameOf(environments[owner]) : undefined;
  const line = lineOf(file, inner, name);
  return { ...problem, file: line === undefined ? file : `${file}:${line}` };
}

function nameOf(environment: unknown): string | undefined {
  try {
    const { name } = environment as { readonly name?: unknown };
    return typeof name === "string" ? name : undefined;
  } catch {
    return undefined;
  }
}

function lineOf(file: string, path: string, name: string | undefined): number | undefined {
  try {
    // eslint-disable-next-line @typescript-eslint/no-require-imports -- takes a third of a second, and only errors need it
    const ts = require("typescript") as typeof TypeScript;
    return locator(ts).lineOf(readFileSync(join(process.cwd(), file), "utf8"), path, name);
  } catch {
    return undefined;
  }
}
