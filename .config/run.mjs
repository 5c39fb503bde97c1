#!/usr/bin/env node
// Runs a command from what is compiled, and compiles first where a source has changed since.
//
//   node .config/run.mjs stacks/commands/policy --json    compiles if need be, then does what
//                                                         `node dist/stacks/commands/policy.js --json` does
//   node .config/run.mjs                  compiles if need be
//
// "Changed" is a matter of contents, not of times: a checkout or a copy costs nothing.
import { spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, statSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join, relative, resolve } from "node:path";

const ROOT = resolve(import.meta.dirname, "..");
const require = createRequire(import.meta.url);

/** What is compiled together. `inputs` are files and folders; `build` returns whether it succeeded. */
const TARGETS = {
  app: {
    folder: "dist",
    inputs: [
      ..."main.ts environments stacks constructs edge-manifests packages __tests__/benchmarks .config".split(" "),
      ..."package.json package-lock.json tsconfig.json".split(" "),
    ],
    build: buildApp,
  },
  detector: {
    folder: "packages/anomaly-detector/dist",
    inputs: [
      ..."src bench package.json tsconfig.build.json".split(" ").map((name) => `packages/anomaly-detector/${name}`),
      ..."packages/detector-contract package-lock.json tsconfig.json".split(" "),
    ],
    build: buildDetector,
  },
};

const [command, ...args] = process.argv.slice(2);
const target = command?.startsWith("packages/anomaly-detector/") ? TARGETS.detector : TARGETS.app;
const isCompiled = await compile(target);
// A rehearsal starts the ML module as well.
const REHEARSALS = ["stacks/commands/rehearse", "__tests__/benchmarks/live", "__tests__/benchmarks/main"];
const isComplete = isCompiled && (!REHEARSALS.includes(command) || (await compile(TARGETS.detector)));
if (!isComplete) {
  process.exitCode = 1;
} else if (command !== undefined) {
  run(command);
}

/** Loads the compiled command into this process, as if Node had been started with it. */
function run(name) {
  const diagnostics = join(ROOT, "dist", "diagnostics.json");
  if (target === TARGETS.app && readFileSync(diagnostics, "utf8") !== "[]") {
    process.env.COMPILER_DIAGNOSTICS = diagnostics;
  }
  const file =
    target === TARGETS.app
      ? join(ROOT, target.folder, `${name}.js`)
      : join(ROOT, target.folder, relative("packages/anomaly-detector", `${name}.js`));
  // cdktf asks `util.isArray`, at which Node 22 and later warn on every run; it is archived and will not stop asking.
  require("node:util").isArray = Array.isArray;
  process.argv = [process.execPath, file, ...args];
  require("node:module").runMain();
}

async function compile({ folder, inputs, build }) {
  const stamp = join(ROOT, folder, ".stamp");
  const sources = filesIn(inputs);
  const now = digestOf(sources);
  if (existsSync(stamp) && readFileSync(stamp, "utf8") === now) {
    return true;
  }
  mkdirSync(join(ROOT, folder), { recursive: true });
  if (!(await build(sources))) {
    return false;
  }
  write(stamp, now);
  return true;
}

function filesIn(inputs) {
  return inputs.flatMap((input) => {
    const path = join(ROOT, input);
    if (!existsSync(path)) {
      return [];
    }
    return statSync(path).isFile()
      ? [path]
      : readdirSync(path, { recursive: true, withFileTypes: true })
          .filter((entry) => entry.isFile() && !/\/(dist|node_modules)(\/|$)/.test(relative(ROOT, entry.parentPath)))
          .map((entry) => join(entry.parentPath, entry.name))
          .filter((file) => !/\/(dist|node_modules|__tests__|anomaly-detector)\//.test(file.slice(path.length)))
          .sort();
  });
}

function digestOf(files) {
  const hash = createHash("sha256").update(process.version);
  for (const file of files) {
    hash.update(`\0${relative(ROOT, file)}\0`).update(readFileSync(file));
  }
  return hash.digest("hex");
}

/** Another command that compiles at the same time writes the same; nobody reads half a file. */
function write(file, contents) {
  mkdirSync(dirname(file), { recursive: true });
  const draft = `${file}.${process.pid}`;
  writeFileSync(draft, contents);
  renameSync(draft, file);
}

async function buildApp(sources) {
  const esbuild = require("esbuild");
  const options = {
    absWorkingDir: ROOT,
    entryPoints: [
      "main.ts",
      "environments/validation/diagnostics.ts",
      // A process of its own.
      "packages/rehearsal/src/edge-hub/main.ts",
      ...sources.filter(isCommand).map((file) => relative(ROOT, file)),
    ],
    outbase: ROOT,
    outdir: "dist",
    bundle: true,
    platform: "node",
    target: "node20",
    external: ["typescript", "classic-level", "prettier", "@azure/identity"],
    conditions: ["source"],
    alias: { archiver: "./.config/no-archiver.cjs" },
    minifyWhitespace: true,
    lineLimit: 160,
    logLevel: "silent",
    write: false,
  };
  const built = await attempt(esbuild, options);
  if (built.failures !== undefined) {
    console.error(report(built.failures));
    return false;
  }
  for (const { path, contents } of built.outputFiles) {
    write(path, contents);
  }
  const { buildPage } = await import("../packages/rehearsal/build-page.mjs");
  await buildPage(join(ROOT, "dist", "rehearsal-page"));
  const { typeCheck } = require(join(ROOT, "dist", "environments", "validation", "diagnostics.js"));
  const diagnostics = typeCheck(ROOT);
  write(join(ROOT, "dist", "diagnostics.json"), JSON.stringify(diagnostics));
  return true;
}

/** Commands and benchmarks start something when they are loaded. */
function isCommand(file) {
  return (
    /\/packages\/[\w-]+\/src\/bin\.ts$/.test(file) ||
    (/\/(stacks\/commands|__tests__\/benchmarks)\/\w[\w-]*\.ts$/.test(file) &&
      /^(if \(|for \(|runBenchmark\(|synthesize\(|withoutTokenTraces\(|process\.on\()/m.test(
        readFileSync(file, "utf8"),
      ))
  );
}

/** A file of the configuration that cannot be compiled must not hide what is wrong with the others: it fails when it is loaded. */
async function attempt(esbuild, options) {
  const broken = new Map();
  for (;;) {
    const plugin = {
      name: "broken-configuration",
      setup: (build) => {
        build.onLoad({ filter: /\/environments\/[^/]+\.ts$/ }, ({ path }) => {
          const message = broken.get(relative(ROOT, path));
          return message === undefined
            ? undefined
            : { contents: `throw new Error(${JSON.stringify(message)});`, loader: "js" };
        });
      },
    };
    try {
      return await esbuild.build({ ...options, plugins: [plugin] });
    } catch (error) {
      const errors = error.errors ?? [{ text: error.message }];
      const inConfiguration = errors.filter(
        ({ location }) => /^environments\/[^/]+\.ts$/.test(location?.file ?? "") && !broken.has(location.file),
      );
      if (inConfiguration.length === 0) {
        return { failures: errors };
      }
      for (const { location, text } of inConfiguration) {
        broken.set(location.file, `line ${location.line}: ${text}`);
      }
    }
  }
}

function report(errors) {
  const entries = errors.map(
    ({ location, text }) =>
      `  ${location ? `${location.file}:${location.line}: ` : ""}the source text is ${JSON.stringify(location?.lineText?.trim() ?? "unreadable")}\n` +
      `    allowed: what the compiler accepts: ${text}\n` +
      `    do:      correct it; npm run typecheck shows more`,
  );
  return [`sources: ${errors.length} ${errors.length === 1 ? "error" : "errors"}`, ...entries].join("\n");
}

function buildDetector() {
  const tsc = require.resolve("typescript/bin/tsc");
  return (
    spawnSync(process.execPath, [tsc, "-b", "packages/anomaly-detector/tsconfig.build.json"], {
      cwd: ROOT,
      stdio: "inherit",
    }).status === 0
  );
}
