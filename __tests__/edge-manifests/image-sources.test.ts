import { spawnSync } from "node:child_process";
import {
  appendFileSync,
  cpSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { buildTask } from "../../constructs/machine-learning/registry-image";
import { contextArchive, IMAGE_SOURCES, type ImageSource, sourceTag } from "../../edge-manifests/image-sources";

const ROOT = join(__dirname, "..", "..");
const SOURCES: [string, ImageSource][] = Object.entries(IMAGE_SOURCES);
let folder: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "context-"));
});

afterEach(() => {
  rmSync(folder, { recursive: true });
});

/** A copy of what the images are built from. */
function copySources(): string {
  const copy = join(folder, "copy");
  for (const [, { inputs }] of SOURCES) {
    for (const input of inputs) {
      const to = join(copy, input);
      mkdirSync(dirname(to), { recursive: true });
      cpSync(join(ROOT, input), to, {
        recursive: true,
        filter: (path) => !/node_modules|dist$|__pycache__/.test(path),
      });
    }
  }
  return copy;
}

const tags = (root: string): string[] => SOURCES.map(([, source]) => sourceTag(source, root));

test("one line of the detector changes its image alone, one line of training that one alone, and nothing else any", () => {
  const copy = copySources();
  const [detector, training] = tags(copy);
  expect(tags(ROOT)).toEqual([detector, training]);
  expect(detector).toMatch(/^source-[0-9a-f]{12}$/);

  mkdirSync(join(copy, "packages/anomaly-detector/__tests__"), { recursive: true });
  writeFileSync(join(copy, "packages/anomaly-detector/__tests__/new.test.ts"), "// a test");
  writeFileSync(join(copy, "README.md"), "words");
  expect(tags(copy)).toEqual([detector, training]);

  appendFileSync(join(copy, "packages/anomaly-detector/src/time.ts"), "\n");
  const changed = tags(copy);
  expect(changed).toEqual([expect.not.stringMatching(detector ?? ""), training]);

  appendFileSync(join(copy, "packages/training/anomaly_training/models.py"), "\n");
  expect(tags(copy)).toEqual([changed[0], expect.not.stringMatching(training ?? "")]);
});

test("a renamed file is another image", () => {
  const copy = copySources();
  const [before] = tags(copy);
  const time = join(copy, "packages/anomaly-detector/src/time.ts");
  writeFileSync(join(dirname(time), "times.ts"), readFileSync(time));
  rmSync(time);
  expect(tags(copy)[0]).not.toBe(before);
});

/** Files that a Dockerfile copies from the context. */
function copied(dockerfile: string): string[] {
  const lines = readFileSync(join(ROOT, dockerfile), "utf8").split("\n");
  return lines
    .filter((line) => line.startsWith("COPY ") && !line.includes("--from="))
    .flatMap((line) => line.split(/\s+/).slice(1, -1));
}

test.each(SOURCES)(
  "%s: what its Dockerfile copies is in the context, and its base image has a digest",
  (_name, source) => {
    for (const path of copied(source.dockerfile)) {
      expect(source.inputs.some((input) => path === input || path.startsWith(`${input}/`))).toBe(true);
    }
    expect(readFileSync(join(ROOT, source.dockerfile), "utf8")).toMatch(/^ARG \w+_IMAGE=\S+@sha256:[0-9a-f]{64}$/m);
  },
);

/** Runs the steps of a task up to the build, as the registry does: one after another in one folder. */
test.each(SOURCES)("%s: the task's own steps unpack the context, byte for byte", (_name, source) => {
  const task = buildTask(source, "source-1");
  const commands = [...task.matchAll(/^ {2}- cmd: bash -c "(.*)"$/gm)].map(([, command]) => command ?? "");
  expect(commands.length).toBeGreaterThan(1);
  for (const command of commands) {
    const { status, stderr } = spawnSync("bash", ["-c", command], { cwd: folder, encoding: "utf8" });
    expect(stderr).toBe("");
    expect(status).toBe(0);
  }
  const files = readdirSync(folder, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile());
  expect(files.length).toBeGreaterThan(5);
  for (const { parentPath, name } of files) {
    const path = join(parentPath, name);
    expect(readFileSync(path)).toEqual(readFileSync(join(ROOT, path.slice(folder.length + 1))));
  }
  expect(sourceTag(source, folder)).toBe(sourceTag(source, ROOT));
  expect(task).toContain(`  - build: --tag $Registry/${source.repository}:source-1 --file ${source.dockerfile} .\n`);
  expect(task).toContain(`  - push: ["$Registry/${source.repository}:source-1"]\n`);
});

test("no argument of a step is longer than Linux takes", () => {
  for (const [, source] of SOURCES) {
    const lengths = buildTask(source, "source-1")
      .split("\n")
      .map((line) => line.length);
    expect(Math.max(...lengths)).toBeLessThan(131_072);
  }
});

test("the same sources give the same archive", () => {
  expect(contextArchive(IMAGE_SOURCES.training)).toEqual(contextArchive(IMAGE_SOURCES.training, copySources()));
});
